/** The nation in five figures. */

import { h, setText } from "./dom.js";
import { engineNow } from "./engine_time.js";
import { count, duration } from "./format.js";
import { t } from "./language.js";
import { UNKNOWN } from "./places.js";
import { regionName } from "./queue.js";
import { segmentBar, segmentLegend } from "./segments.js";
import { AGENT_STATES, PRIORITIES } from "./words.js";

/** Draws into `parent`; `update(regions)` with each new value, `tick()` as time goes. */
export function figures(parent) {
  const waiting = figure("waiting");
  const longest = figure("longest_wait");
  const past = figure("past_promise");
  const calls = figure("calls");
  const nurses = figure("nurses");
  const byPriority = [segmentBar(PRIORITIES), segmentLegend(PRIORITIES)];
  const byState = [segmentBar(AGENT_STATES), segmentLegend(AGENT_STATES, "agents_")];
  waiting.card.append(...byPriority.map((part) => part.element));
  nurses.card.append(...byState.map((part) => part.element));
  waiting.card.classList.add("wide");
  nurses.card.classList.add("wide");
  parent.append(...[waiting, longest, past, calls, nurses].map((one) => one.card));
  let latest = null;

  function tick() {
    if (!latest) return;
    const { nation, at_ms } = latest;
    const someone = nation.longest_wait_ms > 0;
    setText(longest.value, someone ? duration(nation.longest_wait_ms + engineNow() - at_ms) : "–");
    setText(longest.note, someone ? t("longest_in", { region: whereLongest() }) : t("nobody_waits"));
  }

  function whereLongest() {
    const most = latest.nation.longest_wait_ms;
    const code = latest.regions.find((region) => region.longest_wait_ms === most)?.code;
    return regionName(code ?? UNKNOWN);
  }

  function update(regions) {
    latest = regions;
    const { nation } = regions;
    for (const one of [waiting, longest, past, calls, nurses]) setText(one.name, t(one.key));
    setText(waiting.value, count(nation.waiting_total));
    for (const part of byPriority) part.update(nation.waiting);
    const asked = nation.waiting_total + nation.ringing;
    const share = asked ? Math.round((100 * nation.past_promise) / asked) : 0;
    setText(past.value, count(nation.past_promise));
    setText(past.note, nation.past_promise ? t("past_share", { n: share }) : t("promise_kept"));
    past.card.classList.toggle("alarm", nation.past_promise > 0);
    past.card.classList.toggle("good", nation.past_promise === 0);
    setText(calls.value, count(nation.talking));
    setText(calls.note, t("ringing_now", { n: nation.ringing }));
    setText(nurses.value, count(nation.agents.total));
    for (const part of byState) part.update(nation.agents);
    tick();
  }

  return { update, tick };
}

function figure(key) {
  const name = h("h2");
  const value = h("p", { class: "value" });
  const note = h("p", { class: "note" });
  const card = h("div", { class: "card figure", data: { figure: key } }, name, value, note);
  return { key, card, name, value, note };
}
