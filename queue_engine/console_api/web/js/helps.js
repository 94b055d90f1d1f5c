/** Who helps whom now, as a list of pairs, and what each region gives and gets. */

import { byId, h, keyedList, setAttribute, setText } from "./dom.js";
import { count } from "./format.js";
import { t } from "./language.js";
import { flowsOf } from "./map_lines.js";
import { UNKNOWN } from "./places.js";
import { regionName } from "./queue.js";
import { callsBetween, callsIn } from "./words.js";

const ROWS = 8;

/** Both lists; `update(regions)` with each new value, `onChoose(code)` when a region is pressed. */
export function helpLists(onChoose) {
  let latest = null;
  let isLong = false;
  const renderFlows = keyedList(
    byId("helps-list"),
    (flow) => `${flow.from} ${flow.to}`,
    newFlow,
    (row, flow) => row.show(flow),
  );
  const renderBalance = keyedList(
    byId("balance"),
    (row) => row.code,
    (row) => newBalance(() => onChoose(row.code)),
    (element, row) => element.show(row),
  );
  byId("helps-more").addEventListener("click", () => {
    isLong = !isLong;
    if (latest) update(latest);
  });

  function update(regions) {
    latest = regions;
    const flows = flowsOf(regions.regions, null, Infinity);
    const most = Math.max(1, ...flows.map((flow) => flow.calls));
    renderFlows(flows.slice(0, isLong ? Infinity : ROWS).map((flow) => ({ ...flow, most })));
    const calls = flows.reduce((sum, flow) => sum + flow.calls, 0);
    setText(byId("helps-total"), calls ? t("helps_total", { n: calls }) : t("helps_none"));
    const homeless = regions.regions.find((region) => region.code === UNKNOWN)?.talking ?? 0;
    setText(byId("helps-unknown"), t("helps_unknown", { n: homeless }));
    byId("helps-unknown").hidden = homeless === 0;
    const more = byId("helps-more");
    more.hidden = flows.length <= ROWS;
    setAttribute(more, "aria-expanded", isLong);
    setText(more, isLong ? t("helps_fewer") : t("helps_more", { n: flows.length }));
    drawBalance(regions.regions);
  }

  function drawBalance(regions) {
    const rows = regions
      .map(({ code, helps, helped_by: helpedBy }) => {
        return { code, gives: callsBetween(helps), gets: callsIn(helpedBy) };
      })
      .filter((row) => row.code !== UNKNOWN && row.gives + row.gets > 0);
    const most = Math.max(1, ...rows.map((row) => Math.max(row.gives, row.gets)));
    byId("balance-card").hidden = rows.length === 0;
    renderBalance(rows.map((row) => ({ ...row, most })));
  }

  return { update };
}

function newFlow() {
  const [from, to, calls] = [h("span", { class: "from" }), h("span", { class: "to" }), h("b")];
  const bar = h("i", { "aria-hidden": "true" });
  const arrow = h("span", { class: "arrow", "aria-hidden": "true" }, "→");
  const read = h("span", { class: "only-read" });
  const shown = h("span", { class: "flow", "aria-hidden": "true" }, from, arrow, to, calls);
  const row = h("li", {}, read, shown, bar);
  row.show = (flow) => {
    const names = { from: regionName(flow.from), to: regionName(flow.to), n: flow.calls };
    setText(from, names.from);
    setText(to, names.to);
    setText(calls, count(flow.calls));
    setText(read, t("helps_row", names));
    bar.style.width = `${(100 * flow.calls) / flow.most}%`;
  };
  return row;
}

function newBalance(onPress) {
  const name = h("span", { class: "name" });
  const [gets, gives] = [h("span", { class: "gets" }, h("b"), h("i")), h("span", { class: "gives" }, h("i"), h("b"))];
  const row = h("button", { type: "button", class: "balance-row", on: { click: onPress } }, gets, name, gives);
  row.show = (balance) => {
    const named = regionName(balance.code);
    setText(name, named);
    setAttribute(row, "aria-label", t("balance_row", { name: named, ...balance }));
    for (const [side, n] of [
      [gets, balance.gets],
      [gives, balance.gives],
    ]) {
      setText(side.querySelector("b"), n ? count(n) : "");
      side.querySelector("i").style.width = `${(100 * n) / balance.most}%`;
    }
  };
  return row;
}
