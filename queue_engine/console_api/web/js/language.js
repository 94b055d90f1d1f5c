/**
 * The language of the page: Swedish first, English beside it. The choice stays in this browser.
 *
 * Markup carries `data-t="key"` for its text and `data-t-label="key"` for its aria-label; what
 * scripts draw asks `t()` and draws again when `onLanguage` tells.
 */

import { TEXTS } from "./texts.js";

const STORED = "samko.language";
const listeners = new Set();
let language = stored() === "en" ? "en" : "sv";

function stored() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // storage is forbidden: Swedish, and the choice lasts as long as the page
  }
}

/** "sv" or "en". */
export function currentLanguage() {
  return language;
}

/** The locale for numbers and clocks. */
export function locale() {
  return language === "sv" ? "sv-SE" : "en-GB";
}

/**
 * The text for a key, with `{name}` replaced from `values`. A key ending in `_one` / `_many` is
 * chosen by `values.n` when the plain key is missing.
 */
export function t(key, values = {}) {
  const texts = TEXTS[language];
  const text = texts[key] ?? texts[`${key}_${values.n === 1 ? "one" : "many"}`];
  if (text === undefined) throw new Error(`no text for ${key} in ${language}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** The text if there is one for the key, else `otherwise`: for words that the engine may add. */
export function tOr(key, otherwise) {
  return TEXTS[language][key] ?? otherwise;
}

/** Calls back after each change of language. */
export function onLanguage(listener) {
  listeners.add(listener);
}

/** Changes the language of the whole page. */
export function setLanguage(next) {
  language = next === "en" ? "en" : "sv";
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // as in stored()
  }
  translatePage();
  for (const listener of listeners) listener();
}

/** Writes the texts of the markup. */
export function translatePage() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = t(element.dataset.t);
  }
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  }
  const title = document.documentElement.dataset.title;
  if (title) document.title = `${t(title)} – Samkö`;
}
