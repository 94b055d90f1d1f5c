/** Why a contact was offered to whom: asked of the engine when somebody opens it, as it was then. */

import { read } from "./api.js";
import { h, keyedList, setText } from "./dom.js";
import { clock } from "./format.js";
import { currentLanguage, t } from "./language.js";

/** The part of a contact's card that explains it; `show(id)` closes it when the contact is another. */
export function explainSection() {
  const summary = h("summary");
  const state = h("p", { class: "soft", role: "status" });
  const list = h("ol", { class: "explained" });
  const element = h("details", { class: "explain", on: { toggle } }, summary, state, list);
  const render = keyedList(list, (entry) => entry.key, newEntry, showEntry);
  let contactId = null;
  let asked = 0;

  function show(id) {
    setText(summary, t("explain"));
    element.hidden = id === null;
    if (id === contactId) return;
    contactId = id;
    asked += 1;
    element.open = false;
    render([]);
    setText(state, "");
  }

  async function toggle() {
    if (!element.open) return;
    asked += 1;
    const mine = asked;
    setText(state, t("contact_loading"));
    let found = null;
    let trouble = "";
    try {
      found = await read(`/api/v1/contacts/${encodeURIComponent(contactId)}/explain`);
    } catch (error) {
      trouble = error.message;
    }
    if (mine !== asked) return;
    setText(state, trouble);
    render(found ? entriesOf(found) : []);
  }

  return { element, show };
}

function entriesOf(found) {
  const entries = found.entries
    .map((entry, key) => ({ key, at_ms: entry.at_ms, title: inLanguage(entry), why: entry.offer }))
    .filter((entry) => entry.why);
  if (found.wait) {
    entries.push({ key: "now", at_ms: found.at_ms, title: t("explain_now"), why: found.wait });
  }
  return entries;
}

function inLanguage(told) {
  return currentLanguage() === "sv" ? told.text_sv : told.text_en;
}

function newEntry() {
  return h("li", {}, h("time"), h("div", {}, h("p"), h("ul")));
}

function showEntry(element, entry) {
  const [title, reasons] = element.lastElementChild.children;
  setText(element.firstElementChild, clock(entry.at_ms));
  setText(title, entry.title);
  reasons.replaceChildren(...inLanguage(entry.why).map((reason) => h("li", {}, reason)));
}
