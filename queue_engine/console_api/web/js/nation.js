/**
 * The page of the nation: wires the parts together. What is chosen (a region, a contact) stands in
 * the address (`#region=14&contact=...`), so that it survives a reload and can be handed on.
 */

import { showDegraded, showIsland } from "./banners.js";
import { contactCard } from "./contact.js";
import { byId, h } from "./dom.js";
import { engineNow, freezeTime, lastTold, tellTime } from "./engine_time.js";
import { figures } from "./figures.js";
import { helpLists } from "./helps.js";
import { onLanguage, t } from "./language.js";
import { Live } from "./live.js";
import { regionMap } from "./map.js";
import { queueTable, regionName } from "./queue.js";
import { regionCard } from "./region.js";
import { speedChoice } from "./speed.js";
import { unsentTexts } from "./texts_unsent.js";
import { drawTop, replaceToken, requireToken, showConnection, showStale, showTime } from "./top.js";

const TICK_MS = 500;

const latest = { regions: null, queue: null, agents: null, texts: null, contact: undefined, contactAt: 0 };
const chosen = { region: null, contact: null };

drawTop("nation");
await requireToken();

const nation = figures(byId("figures"));
const map = regionMap(byId("map"), (code) => chooseRegion(code === chosen.region ? null : code));
const helps = helpLists((code) => chooseRegion(code));
const queue = queueTable((id) => chooseContact(id));
const region = regionCard({ onClose: () => chooseRegion(null), onOpen: (id) => chooseContact(id) });
const contact = contactCard({ onClose: () => chooseContact(null) });
const unsent = unsentTexts((id) => chooseContact(id));
const filter = byId("filter");
filter.addEventListener("change", () => chooseRegion(filter.value || null));

const live = new Live({ onData, onState });
const speed = await speedChoice();
live.subscribe("regions");
live.subscribe("queue");
live.subscribe("texts");
recallChoice();
live.start();
onState(live.state);
setInterval(tick, TICK_MS);
onLanguage(redraw);

function onData(topic, data, atMs) {
  if (topic === "regions") {
    latest.regions = data;
    tellTime(data.at_ms, data.speed);
    drawRegions();
  } else if (topic === queueTopic()) {
    latest.queue = data;
    drawQueue();
  } else if (topic === "texts") {
    latest.texts = data;
    if (data) unsent.update(data); // null: an engine that does not know of them yet
  } else if (topic === `agents:${chosen.region}`) {
    region.showAgents((latest.agents = data.agents));
  } else if (topic === `contact:${chosen.contact}`) {
    latest.contact = data;
    latest.contactAt = atMs;
    contact.show(chosen.contact, data, atMs);
  }
}

function onState(state) {
  showConnection(state);
  document.body.dataset.connection = state;
  if (state === "stale") freezeTime();
  if (state === "refused") replaceToken();
  if (state !== "stale") showStale(false);
}

function drawRegions() {
  // Neither: an engine that does not tell it yet.
  showIsland(latest.regions.island ?? []);
  showDegraded(latest.regions.degraded_since_ms ?? null);
  nation.update(latest.regions);
  map.update(latest.regions);
  helps.update(latest.regions);
  speed.show(latest.regions.speed);
  drawFilter();
  const own = latest.regions.regions.find((one) => one.code === chosen.region);
  if (own) region.showRegion(own);
}

function drawFilter() {
  const codes = latest.regions.regions.map((one) => one.code);
  const names = codes.map((code) => [code, regionName(code)]);
  names.sort(([, a], [, b]) => a.localeCompare(b, "sv"));
  const wanted = [["", t("region_all")], ...names];
  const shown = [...filter.options].map((option) => [option.value, option.textContent]);
  if (JSON.stringify(shown) !== JSON.stringify(wanted)) {
    filter.replaceChildren(...wanted.map(([value, name]) => h("option", { value }, name)));
  }
  filter.value = chosen.region ?? "";
}

function drawQueue() {
  if (latest.queue) queue.draw(latest.queue, chosen.region, chosen.contact);
}

function redraw() {
  showConnection(live.state);
  if (latest.regions) drawRegions();
  drawQueue();
  if (latest.agents) region.showAgents(latest.agents);
  if (latest.texts) unsent.update(latest.texts);
  if (chosen.contact) contact.show(chosen.contact, latest.contact, latest.contactAt);
  tick();
}

function tick() {
  if (live.state === "stale") showStale(true, live.silentMs(), lastTold());
  if (engineNow() === null) return;
  showTime(engineNow());
  for (const part of [nation, map, queue, region, contact]) part.tick();
}

function queueTopic(code = chosen.region) {
  return code === null ? "queue" : `queue:${code}`;
}

function chooseRegion(code) {
  if (code === chosen.region) return;
  live.unsubscribe(queueTopic());
  if (chosen.region !== null) live.unsubscribe(`agents:${chosen.region}`);
  chosen.region = code;
  live.subscribe(queueTopic());
  latest.agents = null;
  region.showAgents([]);
  map.choose(code);
  filter.value = code ?? "";
  keepChoice();
  if (code === null) {
    region.hide();
  } else {
    live.subscribe(`agents:${code}`);
    region.reveal();
    if (latest.regions) drawRegions();
  }
}

function chooseContact(id) {
  if (chosen.contact) live.unsubscribe(`contact:${chosen.contact}`);
  const before = chosen.contact;
  chosen.contact = id;
  latest.contact = undefined;
  keepChoice();
  drawQueue();
  if (id === null) {
    contact.hide();
    if (before) rowOf(before).focus();
    return;
  }
  contact.show(id, undefined, 0);
  contact.reveal();
  contact.focus();
  live.subscribe(`contact:${id}`);
}

function rowOf(id) {
  return document.querySelector(`[data-contact="${CSS.escape(id)}"]`) ?? byId("queue-scroll");
}

function keepChoice() {
  const kept = Object.entries(chosen).filter(([, value]) => value !== null);
  const fragment = new URLSearchParams(kept).toString();
  history.replaceState(null, "", location.pathname + location.search + (fragment ? `#${fragment}` : ""));
}

function recallChoice() {
  const kept = new URLSearchParams(location.hash.slice(1));
  const [code, id] = [kept.get("region"), kept.get("contact")];
  if (code) chooseRegion(code);
  if (id) chooseContact(id);
}
