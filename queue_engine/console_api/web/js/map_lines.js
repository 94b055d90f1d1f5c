/**
 * The lines of the map: from the region whose nurses answer to the region whose callers they help.
 * They run under the text of the tiles, thicker for more calls. Without a chosen region only the
 * largest are drawn, so that the map stays readable; with one, all of its own.
 */

import { svg } from "./dom.js";
import { UNKNOWN } from "./places.js";

const LINES_MAX = 14;
const INSET = 3; // how far an end reaches into its tile, in CSS px: it must not reach the text
const BEND = 0.12; // of the length, to the side: there and back do not cover each other

/** The layer for the lines; `update(regions, chosen, tiles)` with tiles by region code. */
export function helpLines(map) {
  const element = svg("svg", { class: "map-lines", "aria-hidden": "true" });

  function update(regions, chosen, tiles) {
    const flows = flowsOf(regions, chosen);
    element.setAttribute("viewBox", `0 0 ${map.clientWidth} ${map.clientHeight}`);
    const most = Math.max(1, ...flows.map((flow) => flow.calls));
    element.replaceChildren(
      ...flows
        .filter(({ from, to }) => tiles.has(from) && tiles.has(to))
        .map((flow) => arrow(tiles.get(flow.from).ground, tiles.get(flow.to).ground, flow.calls / most)),
    );
    element.classList.toggle("focused", chosen !== null);
  }

  return { element, update };
}

/**
 * Which region helps which, largest first: `{from, to, calls}`. Callers whose region is not known
 * are everybody's: to answer them is no help to a region, and is told only when they are chosen.
 */
export function flowsOf(regions, chosen = null, most = LINES_MAX) {
  const flows = regions.flatMap((region) =>
    region.helps.map((help) => ({ from: region.code, to: help.region, calls: help.calls })),
  );
  flows.sort((a, b) => b.calls - a.calls || a.from.localeCompare(b.from) || a.to.localeCompare(b.to));
  const between = flows.filter((flow) => flow.to !== UNKNOWN);
  if (chosen === null) return between.slice(0, most);
  return flows.filter((flow) => flow.from === chosen || flow.to === chosen);
}

function arrow(fromTile, toTile, weight) {
  const [from, to] = [middle(fromTile), middle(toTile)];
  const [start, end] = [edge(fromTile, from, to), edge(toTile, to, from)];
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  const bend = { x: (start.x + end.x) / 2 - dy * BEND, y: (start.y + end.y) / 2 + dx * BEND };
  const width = 1.5 + 2.5 * weight;
  const path = `M${start.x} ${start.y}Q${bend.x} ${bend.y} ${end.x} ${end.y}`;
  return svg("g", {}, svg("path", { d: path, "stroke-width": width }), head(bend, end, width));
}

function head(from, end, width) {
  const angle = (Math.atan2(end.y - from.y, end.x - from.x) * 180) / Math.PI;
  const size = 4 + width;
  return svg("path", {
    class: "head",
    d: `M0 0L${-1.7 * size} ${size * 0.8}L${-1.7 * size} ${-size * 0.8}Z`,
    transform: `translate(${end.x} ${end.y}) rotate(${angle})`,
  });
}

function middle(tile) {
  return { x: tile.offsetLeft + tile.offsetWidth / 2, y: tile.offsetTop + tile.offsetHeight / 2 };
}

/** Where the straight line from this tile's middle to the other comes out of it, less the inset. */
function edge(tile, own, other) {
  const [dx, dy] = [other.x - own.x, other.y - own.y];
  const reach = Math.min(
    (tile.offsetWidth / 2 - INSET) / Math.max(Math.abs(dx), 1e-6),
    (tile.offsetHeight / 2 - INSET) / Math.max(Math.abs(dy), 1e-6),
  );
  return { x: own.x + dx * reach, y: own.y + dy * reach };
}
