/** One contact close up: what is known, and what happened with the reason of each step. */

import { byId, h, keyedList, setText } from "./dom.js";
import { engineNow } from "./engine_time.js";
import { explainSection } from "./explain.js";
import { clock, duration } from "./format.js";
import { currentLanguage, t } from "./language.js";
import { needsOf, regionName } from "./queue.js";

/**
 * The card; `onClose()` when it is closed; without it the card cannot be, nor explains itself.
 * `name`: the key of its name.
 */
export function contactCard({ onClose = null, name = "contact" }) {
  const card = byId("contact");
  const title = h("h2", { id: "contact-title", tabindex: "-1" });
  const closeText = h("span", { class: "only-read" });
  const close = onClose
    ? h("button", { type: "button", class: "close", on: { click: onClose } }, "×", closeText)
    : null;
  const named = h("p", { class: "contact-id soft small" });
  const state = h("p", { class: "contact-state" });
  const facts = h("dl", { class: "facts" });
  const heading = h("h3");
  const list = h("ol", { class: "timeline" });
  const explain = onClose ? explainSection() : null;
  card.append(h("div", { class: "card-head" }, title, ...(close ? [close] : [])), named, state, facts, heading, list);
  if (explain) card.append(explain.element);
  const renderFacts = keyedList(facts, (fact) => fact.name, newFact, showFact);
  const renderTimeline = keyedList(list, (entry) => entry.key, newEntry, showEntry);
  let latest = null;
  let atMs = 0;

  /** `contact` null: the engine has no such contact any more; undefined: not yet known. */
  function show(id, contact, at) {
    latest = contact ?? null;
    atMs = at;
    setText(title, t(name));
    setText(named, id);
    setText(closeText, t("contact_close"));
    setText(heading, t("timeline"));
    heading.hidden = !contact;
    explain?.show(contact ? id : null);
    if (!contact) {
      setText(state, contact === null ? t("contact_gone") : t("contact_loading"));
      delete state.dataset.kind;
      renderFacts([]);
      renderTimeline([]);
      return;
    }
    state.dataset.kind = contact.priority;
    setText(state, `${t(contact.priority)} · ${stateOf(contact)}`);
    renderTimeline((contact.timeline ?? []).map((entry, index) => ({ ...entry, key: index })));
    tick();
  }

  function tick() {
    const now = engineNow();
    if (latest && now !== null) renderFacts(factsOf(latest, now, now - (atMs ?? now)));
  }

  return {
    show,
    tick,
    focus: () => title.focus(),
    hide: () => (card.hidden = true),
    reveal: () => (card.hidden = false),
  };
}

function stateOf(contact) {
  return contact.outcome ? t(`outcome_${contact.outcome}`) : t(`state_${contact.state}`);
}

function factsOf(contact, nowMs, elapsedMs) {
  const waits = contact.state === "waiting" || contact.state === "offered";
  const waited = contact.waited_ms + (waits ? elapsedMs : 0);
  const place = contact.position === null ? null : String(contact.position);
  const left = contact.answer_by_ms - nowMs;
  const promise = left >= 0 ? t("left", { time: duration(left) }) : t("over", { time: duration(-left) });
  const agent = contact.agent_id && `${contact.agent_id}, ${regionName(contact.agent_region)}`;
  return [
    ["arrived", clock(contact.arrived_ms)],
    ["waited", duration(waited)],
    ["promise", waits ? promise : t("promise_by", { time: clock(contact.answer_by_ms) })],
    ["place_in_region", waits ? place : null],
    ["home_region", regionName(contact.home_region)],
    ["known_by", t(`source_${contact.home_region_source}`)],
    ["needs", needsOf(contact) || t("needs_nothing")],
    ["answered_by_agent", agent],
    ["offers", contact.offers ? t("offers_n", { n: contact.offers }) : null],
  ]
    .filter(([, value]) => value)
    .map(([name, value]) => ({ name, value }));
}

function newFact() {
  return h("div", {}, h("dt"), h("dd"));
}

function showFact(element, fact) {
  setText(element.firstElementChild, t(fact.name));
  setText(element.lastElementChild, fact.value);
}

function newEntry(entry) {
  return h(
    "li",
    { data: { kind: entry.kind } },
    h("time"),
    h("p", {}, h("span"), h("small", { class: "rule" })),
  );
}

function showEntry(element, entry) {
  const [text, rule] = element.lastElementChild.children;
  setText(element.firstElementChild, clock(entry.at_ms));
  setText(text, currentLanguage() === "sv" ? entry.text_sv : entry.text_en);
  setText(rule, entry.rule ? t("rule", { rule: entry.rule }) : "");
  rule.hidden = !entry.rule;
}
