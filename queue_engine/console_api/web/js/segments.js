/** A bar divided into parts, with its legend: how many there are of each kind. */

import { h, setText } from "./dom.js";
import { count } from "./format.js";
import { t } from "./language.js";

/** A bar for these kinds; `update(counts)` with an object of numbers by kind. */
export function segmentBar(kinds) {
  const parts = kinds.map((kind) => h("span", { data: { kind } }));
  const element = h("div", { class: "segments", "aria-hidden": "true" }, parts);
  const update = (counts) => {
    kinds.forEach((kind, index) => {
      parts[index].style.flexGrow = String(counts[kind]);
      parts[index].hidden = counts[kind] === 0;
    });
  };
  return { element, update };
}

/** A legend of the same kinds with their numbers; `prefix` comes before the kind in its text key. */
export function segmentLegend(kinds, prefix = "") {
  const numbers = kinds.map(() => h("b"));
  const names = kinds.map(() => h("span"));
  const rows = kinds.map((kind, index) =>
    h("li", { data: { kind } }, h("i", { "aria-hidden": "true" }), numbers[index], names[index]),
  );
  const element = h("ul", { class: "legend" }, rows);
  const update = (counts) => {
    kinds.forEach((kind, index) => {
      setText(numbers[index], count(counts[kind]));
      setText(names[index], t(prefix + kind));
      rows[index].classList.toggle("none", counts[kind] === 0);
    });
  };
  return { element, update };
}
