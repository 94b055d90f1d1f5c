/** Text messages that were given up: to whom they were to go, why, and since when. */

import { byId, h, keyedList, setText } from "./dom.js";
import { clock, count } from "./format.js";
import { t } from "./language.js";

const ROWS = 20;

/** The card; `onOpen(contactId)` is called with the row that is pressed. */
export function unsentTexts(onOpen) {
  const render = keyedList(
    byId("texts-list"),
    (text) => text.text_id,
    (text) => newRow(() => onOpen(text.contact_id)),
    (row, text) => row.show(text),
  );

  function update({ texts }) {
    const givenUp = texts.filter((text) => text.state === "given_up");
    const pending = texts.length - givenUp.length;
    byId("texts").hidden = texts.length === 0;
    byId("texts-pending").hidden = pending === 0;
    setText(byId("texts-pending"), t("texts_pending", { n: count(pending) }));
    render(givenUp.slice(0, ROWS));
  }

  return { update };
}

function newRow(onClick) {
  const [who, why] = [h("button", { type: "button", class: "link", on: { click: onClick } }), h("span")];
  const row = h("li", {}, h("div", { class: "flow" }, who, why));
  row.show = (text) => {
    setText(who, text.contact_id);
    setText(why, t("texts_given_up", { why: t(`texts_${text.failure}`), time: clock(text.asked_ms) }));
  };
  return row;
}
