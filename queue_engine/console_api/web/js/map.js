/**
 * Sweden as a map of tiles: one for each region, about where it lies. A tile tells by colour and
 * in words how it goes; lines between tiles tell who answers for whom. A press chooses a region.
 */

import { h, setAttribute, setText } from "./dom.js";
import { engineNow } from "./engine_time.js";
import { count, duration, spokenDuration } from "./format.js";
import { t } from "./language.js";
import { helpLines } from "./map_lines.js";
import { isOnMap, placeOf, tileName, UNKNOWN } from "./places.js";
import { segmentBar } from "./segments.js";
import { AGENT_STATES, callsIn, levelOf } from "./words.js";

const LEVELS = ["quiet", "waiting", "some", "many"];

/** Draws into `parent`; `onChoose(code)` is called with the region that is pressed. */
export function regionMap(parent, onChoose) {
  const tiles = new Map();
  const lines = helpLines(parent);
  const key = legend();
  parent.append(lines.element, key.element);
  let latest = null;
  let chosen = null;

  function tick() {
    if (!latest) return;
    const elapsed = engineNow() - latest.at_ms;
    for (const region of latest.regions) tiles.get(region.code).tick(region, elapsed);
  }

  function update(regions) {
    latest = regions;
    forget(regions.regions);
    for (const [region, place] of placed(regions.regions)) {
      if (!tiles.has(region.code)) {
        const tile = newTile(region, place, () => onChoose(region.code));
        tiles.set(region.code, tile);
        parent.append(tile.ground, tile.button);
      }
      tiles.get(region.code).update(region, region.code === chosen);
    }
    key.update();
    tick();
    lines.update(regions.regions, chosen, tiles);
  }

  function forget(regions) {
    const codes = new Set(regions.map((region) => region.code));
    for (const [code, tile] of tiles) {
      if (codes.has(code)) continue;
      tile.ground.remove();
      tile.button.remove();
      tiles.delete(code);
    }
  }

  function choose(code) {
    chosen = code;
    if (latest) update(latest);
  }

  // Of another size the tiles stand elsewhere: the lines follow.
  new ResizeObserver(() => latest && lines.update(latest.regions, chosen, tiles)).observe(parent);
  return { update, tick, choose };
}

/** The regions with their places, in the order in which they are read: so goes the focus too. */
function placed(regions) {
  const unknown = regions.filter((region) => !isOnMap(region.code));
  return regions
    .map((region) => [region, placeOf(region.code, unknown.indexOf(region))])
    .sort(([, a], [, b]) => a.row - b.row || a.column - b.column);
}

function newTile(region, place, onPress) {
  const ground = h("div", { class: "tile-ground" });
  const name = h("span", { class: "tile-name" });
  const waiting = h("span", { class: "tile-waiting" });
  const longest = h("span", { class: "tile-longest" });
  const flag = h("span", { class: "tile-flag" });
  const staff = segmentBar(AGENT_STATES);
  const figures = h("span", { class: "tile-figures" }, waiting, longest);
  const nobody = h("span", { class: "tile-unstaffed" });
  const button = h(
    "button",
    { type: "button", class: "tile", data: { region: region.code }, on: { click: onPress } },
    name,
    figures,
    staff.element,
    nobody,
    flag,
  );
  for (const element of [ground, button]) {
    element.style.gridRow = String(place.row);
    element.style.gridColumn = String(place.column);
  }

  function tick(region, elapsed) {
    const someone = region.longest_wait_ms > 0;
    setText(longest, someone ? duration(region.longest_wait_ms + elapsed) : "");
  }

  function update(region, isChosen) {
    const level = levelOf(region);
    const title = region.code === UNKNOWN ? t("unknown_region") : region.name;
    for (const element of [ground, button]) element.dataset.level = level;
    setText(name, region.code === UNKNOWN ? t("unknown") : tileName(region.code, region.name));
    setText(waiting, count(region.waiting_total + region.ringing));
    const isUnstaffed = region.agents.total === 0 && region.code !== UNKNOWN;
    setText(flag, count(region.past_promise));
    flag.hidden = region.past_promise === 0;
    setText(nobody, t("unstaffed"));
    nobody.hidden = !isUnstaffed;
    staff.element.hidden = isUnstaffed;
    staff.element.classList.toggle("no-one", region.agents.total === 0);
    staff.update(region.agents);
    setAttribute(button, "aria-pressed", isChosen);
    setAttribute(button, "aria-label", sentence(region, title));
  }

  return { ground, button, tick, update };
}

function sentence(region, name) {
  const [gives, gets] = [callsIn(region.helps), callsIn(region.helped_by)];
  const parts = [
    t("tile", {
      name,
      waiting: region.waiting_total + region.ringing,
      longest: spokenDuration(region.longest_wait_ms),
      past: region.past_promise,
      ready: region.agents.ready,
      total: region.agents.total,
    }),
  ];
  if (gives) parts.push(t("tile_gives", { n: gives }));
  if (gets) parts.push(t("tile_gets", { n: gets }));
  return parts.join(" ");
}

function legend() {
  const title = h("h3");
  const rows = LEVELS.map((level) => h("li", {}, h("i", { data: { level } }), h("span")));
  const help = h("li", {}, h("i", { data: { level: "help" } }), h("span"));
  const late = h("li", {}, h("b", { class: "tile-flag", "aria-hidden": "true" }, "3"), h("span"));
  const element = h("div", { class: "map-legend" }, title, h("ul", {}, rows, late, help));
  const update = () => {
    setText(title, t("legend"));
    rows.forEach((row, index) => setText(row.lastElementChild, t(`level_${LEVELS[index]}`)));
    setText(late.lastElementChild, t("level_late"));
    setText(help.lastElementChild, t("level_help"));
  };
  return { element, update };
}
