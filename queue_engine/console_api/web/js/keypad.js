/** Twelve keys, pressed with a pointer or on the keyboard. Which were pressed is not kept. */

import { h } from "./dom.js";
import { onLanguage, t } from "./language.js";

const LETTERS = ["", "abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz", "", "", ""];
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const LIT_MS = 160;

/** Draws the keys into `parent`; `onKey(key)` for each press while `setActive(true)`. */
export function keypad(parent, onKey) {
  let isActive = false;
  const buttons = new Map(
    KEYS.map((key, index) => {
      const press = () => isActive && onKey(key);
      const name = h("b", { "aria-hidden": "true" }, key === "*" ? "✱" : key);
      const letters = h("span", { "aria-hidden": "true" }, LETTERS[index]);
      return [key, h("button", { type: "button", class: "key", on: { click: press } }, name, letters)];
    }),
  );
  parent.append(...buttons.values());

  function label() {
    for (const [key, button] of buttons) {
      const names = { "*": t("key_star"), "#": t("key_hash") };
      button.setAttribute("aria-label", names[key] ?? key);
    }
  }

  function light(key) {
    const button = buttons.get(key);
    button.classList.add("is-lit");
    setTimeout(() => button.classList.remove("is-lit"), LIT_MS);
  }

  document.addEventListener("keydown", (event) => {
    const typed = event.target.closest("input, select, textarea");
    if (!isActive || typed || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (!buttons.has(event.key)) return;
    event.preventDefault();
    light(event.key);
    onKey(event.key);
  });
  label();
  onLanguage(label);

  function setActive(active) {
    isActive = active;
    for (const button of buttons.values()) button.disabled = !active;
  }
  setActive(false);
  return { setActive };
}
