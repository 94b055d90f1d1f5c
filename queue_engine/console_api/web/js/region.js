/** One region close up: its callers, its help, and each nurse at work. */

import { byId, h, keyedList, setText } from "./dom.js";
import { engineNow } from "./engine_time.js";
import { count, duration } from "./format.js";
import { t } from "./language.js";
import { UNKNOWN } from "./places.js";
import { regionName } from "./queue.js";
import { segmentBar, segmentLegend } from "./segments.js";
import { AGENT_STATES, PRIORITIES } from "./words.js";

/** The card; `onClose()` when it is closed, `onOpen(contactId)` when a nurse's call is pressed. */
export function regionCard({ onClose, onOpen }) {
  const card = byId("region");
  const title = h("h2", { id: "region-title", tabindex: "-1" });
  const closeText = h("span", { class: "only-read" });
  const close = h("button", { type: "button", class: "close", on: { click: onClose } }, "×", closeText);
  const waiting = section(segmentBar(PRIORITIES), segmentLegend(PRIORITIES));
  const nurses = section(segmentBar(AGENT_STATES), segmentLegend(AGENT_STATES, "agents_"));
  const wait = { term: h("dt"), value: h("dd", { id: "expected-wait" }) };
  const gives = { term: h("dt"), value: h("dd") };
  const gets = { term: h("dt"), value: h("dd") };
  const lending = { term: h("dt"), value: h("dd", { id: "lending" }) };
  const gateways = h("ul", { class: "gateways", id: "gateways", hidden: true });
  const list = h("ul", { class: "nurses" });
  const none = h("p", { class: "soft", hidden: true });
  const pairs = [wait, gives, gets, lending].flatMap((pair) => [pair.term, pair.value]);
  const facts = h("dl", { class: "facts" }, ...pairs);
  card.append(h("div", { class: "card-head" }, title, close), waiting.element, facts, nurses.element, gateways, list, none);
  const render = keyedList(
    list,
    (agent) => agent.agent_id,
    () => newNurse(onOpen),
    (row, agent) => row.show(agent),
  );
  const renderGateways = keyedList(gateways, (gateway) => gateway.gateway_id, newGateway, (row, gateway) =>
    row.show(gateway),
  );
  let agents = [];

  function showRegion(region) {
    setText(title, region.code === UNKNOWN ? t("unknown_region") : region.name);
    setText(closeText, t("region_close"));
    waiting.update(t("waiting"), region.waiting_total, region.waiting);
    nurses.update(t("agents_in_region"), region.agents.total, region.agents);
    setText(wait.term, t("expected_wait"));
    setText(wait.value, waitText(region.expected_wait));
    setText(gives.term, t("answers_for"));
    setText(gives.value, helpText(region.helps));
    setText(gets.term, t("answered_by"));
    setText(gets.value, helpText(region.helped_by));
    setText(lending.term, t("lending"));
    setText(lending.value, t("lending_cut"));
    lending.term.hidden = lending.value.hidden = !region.is_lending_cut;
    gateways.hidden = region.gateways.length === 0;
    renderGateways(region.gateways);
    none.hidden = region.agents.total > 0;
    setText(none, t("nobody_at_work"));
  }

  function showAgents(latest) {
    agents = [...latest].sort(
      (a, b) => AGENT_STATES.indexOf(a.state) - AGENT_STATES.indexOf(b.state) || a.agent_id.localeCompare(b.agent_id),
    );
    render(agents);
    tick();
  }

  function tick() {
    for (const row of list.children) row.tick(engineNow());
  }

  return {
    showRegion,
    showAgents,
    tick,
    focus: () => title.focus(),
    hide: () => (card.hidden = true),
    reveal: () => (card.hidden = false),
  };
}

/** As callers are told it. */
function waitText(band) {
  if (!band) return t("wait_unsaid");
  const [from, to] = [band.from_minutes, band.to_minutes];
  if (to === null) return t("wait_over", { from });
  return from === 0 ? t("wait_under", { to }) : t("wait_between", { from, to });
}

function section(bar, legend) {
  const title = h("h3");
  const element = h("div", { class: "part" }, title, bar.element, legend.element);
  const update = (name, total, counts) => {
    setText(title, `${name}: ${count(total)}`);
    bar.update(counts);
    legend.update(counts);
  };
  return { element, update };
}

function helpText(helps) {
  if (helps.length === 0) return t("no_help");
  return helps.map((help) => `${regionName(help.region)} ${help.calls}`).join(", ");
}

function newGateway() {
  const [name, seats] = [h("b"), h("span")];
  const row = h("li", {}, name, seats);
  row.show = (gateway) => {
    setText(name, t("gateway", { id: gateway.gateway_id }));
    const words = gateway.is_reached ? "gateway_seats" : "gateway_lost";
    setText(seats, t(words, gateway));
    row.classList.toggle("lost", !gateway.is_reached);
  };
  return row;
}

/** What an agent is called: a seat of a contact centre elsewhere by that centre and its number. */
function agentName(id) {
  const [gateway, seat] = id.split("+");
  return seat ? t("gateway_seat", { id: gateway, seat }) : id;
}

function newNurse(onOpen) {
  const mark = h("i", { "aria-hidden": "true" });
  const [name, state, since] = [h("b"), h("span"), h("span", { class: "since" })];
  const call = h("button", { type: "button", class: "link" });
  const row = h("li", {}, mark, name, state, call, since);
  let shown = null;
  call.addEventListener("click", () => shown?.contact_id && onOpen(shown.contact_id));
  row.show = (agent) => {
    shown = agent;
    mark.dataset.kind = agent.state;
    setText(name, agentName(agent.agent_id));
    setText(state, t(`agents_${agent.state}`));
    call.hidden = !agent.contact_id;
    setText(call, agent.contact_id ? regionName(agent.contact_region) : "");
    if (agent.contact_id) call.setAttribute("aria-label", t("open_contact", { id: agent.contact_id }));
  };
  row.tick = (now) => {
    const known = shown?.since_ms !== null && shown?.since_ms !== undefined && now !== null;
    setText(since, known ? duration(now - shown.since_ms) : "");
  };
  return row;
}
