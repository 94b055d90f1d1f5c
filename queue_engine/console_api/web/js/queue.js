/** The queue in its order: one row for each contact, pressed to see the contact. */

import { byId, h, keyedList, setText } from "./dom.js";
import { engineNow } from "./engine_time.js";
import { count, duration } from "./format.js";
import { t, tOr } from "./language.js";
import { shortName, UNKNOWN } from "./places.js";

const ROWS_MAX = 100;

/** The table; `onOpen(contactId)` is called with the row that is pressed. */
export function queueTable(onOpen) {
  const render = keyedList(
    byId("queue-rows"),
    (contact) => contact.contact_id,
    (contact) => newRow(contact.contact_id, onOpen),
    (row, contact) => row.show(contact),
  );
  let latest = null;
  let shown = [];

  function draw(queue, region, openId) {
    latest = queue;
    const first = queue.offset ?? 0;
    shown = queue.contacts
      .slice(0, ROWS_MAX)
      .map((contact, index) => ({ ...contact, place: first + index + 1, open: openId }));
    render(shown);
    setText(byId("queue-count"), count(queue.total));
    const empty = byId("queue-empty");
    empty.hidden = queue.total > 0;
    setText(empty, region ? t("queue_empty_region", { name: shortName(region) }) : t("queue_empty"));
    const more = queue.total - shown.length;
    byId("queue-more").hidden = more <= 0;
    setText(byId("queue-more"), t("queue_more", { n: more }));
    tick();
  }

  function tick() {
    if (!latest) return;
    const now = engineNow();
    let row = byId("queue-rows").firstElementChild;
    for (const contact of shown) {
      row.tick(contact, now, now - latest.at_ms);
      row = row.nextElementSibling;
    }
  }

  return { draw, tick };
}

function newRow(id, onOpen) {
  const place = h("td", { class: "number place" });
  const badge = h("span", { class: "badge" });
  const region = h("button", {
    type: "button",
    class: "row-button",
    data: { contact: id },
    on: { click: () => onOpen(id) },
  });
  const waited = h("td", { class: "number waited" });
  const promise = h("td", { class: "number promise" });
  const needs = h("td", { class: "wide-only needs" });
  const now = h("td", { class: "wide-only now" });
  const row = h(
    "tr",
    {},
    place,
    h("td", {}, badge),
    h("td", {}, region),
    waited,
    promise,
    needs,
    now,
  );

  row.show = (contact) => {
    row.dataset.state = contact.state;
    row.classList.toggle("is-open", contact.open === contact.contact_id);
    setText(place, contact.place);
    badge.dataset.kind = contact.priority;
    setText(badge, t(contact.priority));
    setText(region, regionName(contact.home_region));
    setText(needs, needsOf(contact));
    setText(now, nowOf(contact));
  };
  row.tick = (contact, nowMs, elapsedMs) => {
    setText(waited, duration(contact.waited_ms + elapsedMs));
    const left = contact.answer_by_ms - nowMs;
    setText(promise, left >= 0 ? t("left", { time: duration(left) }) : t("over", { time: duration(-left) }));
    promise.classList.toggle("is-over", left < 0);
  };
  return row;
}

/** The region's everyday name, `unknown` in words. */
export function regionName(code) {
  return code === UNKNOWN ? t("unknown_region") : shortName(code);
}

/** What a contact needs, in words; what every call needs (Swedish, advice) is left out. */
export function needsOf(contact) {
  return contact.needs
    .map((need) => need.skill)
    .filter((skill) => skill !== "sv" && skill !== "advice")
    .map((skill) => tOr(`skill_${skill}`, skill))
    .join(", ");
}

/** What happens with a contact now, in words. */
export function nowOf(contact) {
  if (contact.state === "offered" && contact.agent_region) {
    return t("rings_in", { region: regionName(contact.agent_region) });
  }
  return t(`state_${contact.state}`);
}
