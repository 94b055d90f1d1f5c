/**
 * The page of what regions have done for each other: a table of who answered (rows) for whose
 * callers (columns), the darker the more. Asked for anew now and then, and at each other choice.
 */

import { ApiError, read } from "./api.js";
import { byId, h, setText } from "./dom.js";
import { engineNow, freezeTime, lastTold, tellTime } from "./engine_time.js";
import { count } from "./format.js";
import { onLanguage, t } from "./language.js";
import { Live } from "./live.js";
import { PERIODS, periodOf } from "./periods.js";
import { UNKNOWN } from "./places.js";
import { regionName } from "./queue.js";
import { drawTop, replaceToken, requireToken, showConnection, showStale } from "./top.js";

const AGAIN_MS = 30_000;
const TICK_MS = 500;
const MINUTE_MS = 60_000;
const SHADE_MAX = 45; // per cent of the colour: the figure on it can still be read

const MEASURES = {
  calls: { of: (one) => one.calls, shown: count },
  minutes: {
    of: (one) => one.talk_ms + one.consult_ms + one.wrap_up_ms,
    shown: (ms) => count(Math.round(ms / MINUTE_MS)),
  },
};

let found = null;
let period = null;
let trouble = "";
let asked = 0;
let askedAtMs = -Infinity;

drawTop("ledger");
await requireToken();
for (const id of ["period", "measure"]) byId(id).addEventListener("change", () => load());

const live = new Live({ onData, onState });
drawChoices();
live.subscribe("regions");
live.start();
onState(live.state);
setInterval(tick, TICK_MS);
onLanguage(() => {
  drawChoices();
  showConnection(live.state);
  draw();
});

function onData(topic, data) {
  if (topic !== "regions") return;
  tellTime(data.at_ms, data.speed);
  if (performance.now() - askedAtMs >= AGAIN_MS) load();
}

function onState(state) {
  showConnection(state);
  if (state === "stale") freezeTime();
  if (state === "refused") replaceToken();
  if (state !== "stale") showStale(false);
}

function tick() {
  if (live.state === "stale") showStale(true, live.silentMs(), lastTold());
}

async function load() {
  if (engineNow() === null) return;
  askedAtMs = performance.now();
  const mine = (asked += 1);
  const wanted = periodOf(byId("period").value, engineNow());
  let answer = null;
  let fault = "";
  try {
    answer = await read(`/api/v1/ledger?${new URLSearchParams(wanted)}`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    fault = error.message;
  }
  if (mine !== asked) return;
  [found, period, trouble] = [answer, wanted, fault];
  draw();
}

function drawChoices() {
  choices(byId("period"), PERIODS, "period");
  choices(byId("measure"), Object.keys(MEASURES), "measure");
}

function choices(select, values, name) {
  const chosen = select.value || values[0];
  select.replaceChildren(...values.map((value) => h("option", { value }, t(`${name}_${value}`))));
  select.value = chosen;
}

function draw() {
  setText(byId("remark"), trouble || (found ? remarkOf(found) : t("contact_loading")));
  const accounts = found?.accounts ?? [];
  byId("ledger-scroll").hidden = accounts.length === 0;
  byId("ledger").replaceChildren(...(accounts.length ? tableOf(accounts) : []));
}

function remarkOf(ledger) {
  const said = ledger.accounts.length ? [] : [t("ledger_none")];
  if (!ledger.is_complete) said.push(t("ledger_partial"));
  if (period.from < ledger.first_day) said.push(t("ledger_first", { day: ledger.first_day }));
  return said.join(" ");
}

function tableOf(accounts) {
  const measure = MEASURES[byId("measure").value];
  const sums = new Map();
  const add = (key, value) => sums.set(key, (sums.get(key) ?? 0) + value);
  for (const one of accounts) {
    const value = measure.of(one);
    add(`${one.giver} ${one.taker}`, value);
    add(`gave ${one.giver}`, value);
    add(`got ${one.taker}`, value);
  }
  const regions = byName(accounts.flatMap((one) => [one.giver, one.taker]));
  const takers = accounts.some((one) => one.taker === UNKNOWN) ? [...regions, UNKNOWN] : regions;
  const most = Math.max(1, ...accounts.map((one) => sums.get(`${one.giver} ${one.taker}`)));
  const valueOf = (key) => sums.get(key) ?? 0;
  const rows = regions.map((giver) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, regionName(giver)),
      takers.map((taker) => cell(giver, taker, valueOf(`${giver} ${taker}`), most, measure)),
      totals(valueOf(`gave ${giver}`), valueOf(`got ${giver}`), measure),
    ),
  );
  return [h("caption", { class: "only-read" }, t("ledger")), head(takers), h("tbody", {}, rows)];
}

function byName(codes) {
  const regions = [...new Set(codes)].filter((code) => code !== UNKNOWN);
  return regions.sort((a, b) => regionName(a).localeCompare(regionName(b), "sv"));
}

function head(takers) {
  const column = (name, kind) => h("th", { scope: "col", class: kind }, h("span", {}, name));
  return h(
    "thead",
    {},
    h(
      "tr",
      {},
      h("td"),
      takers.map((taker) => column(takerName(taker), "taker")),
      ["gave", "got", "difference"].map((name) => column(t(`ledger_${name}`), "total")),
    ),
  );
}

function cell(giver, taker, value, most, measure) {
  if (giver === taker) return h("td", { class: "own" });
  if (!value) return h("td");
  const names = { giver: regionName(giver), taker: takerName(taker), n: measure.shown(value) };
  const filled = h("td", { title: t("ledger_cell", names) }, names.n);
  filled.style.setProperty("--shade", `${Math.ceil((SHADE_MAX * value) / most)}%`);
  return filled;
}

function totals(gave, got, measure) {
  const more = measure.shown(Math.abs(gave - got));
  const sign = more === "0" ? "" : gave > got ? "+" : "−";
  const shown = [measure.shown(gave), measure.shown(got), sign + more];
  return shown.map((text) => h("td", { class: "total" }, text));
}

function takerName(code) {
  return code === UNKNOWN ? t("ledger_nation") : regionName(code);
}
