/** The pace of time, where the engine lets it be chosen (the demonstration only). */

import { ApiError, put, read } from "./api.js";
import { byId, h, setAttribute } from "./dom.js";
import { t } from "./language.js";

const PATH = "/api/v1/demo/speed";
const SPEEDS = [1, 5, 20, 60];

/** Shows the choice if there is one; `show(speed)` tells the pace in force. */
export async function speedChoice() {
  const group = byId("speed");
  const show = (speed) => {
    if (!SPEEDS.includes(speed) && !group.querySelector(`[data-speed="${speed}"]`)) {
      group.append(button(speed)); // set elsewhere, to something else
    }
    for (const button of group.children) {
      setAttribute(button, "aria-pressed", Number(button.dataset.speed) === speed);
      setAttribute(button, "aria-label", t("speed_value", { n: button.dataset.speed }));
    }
    setAttribute(group, "aria-label", t("speed"));
  };
  try {
    const { speed } = await read(PATH);
    group.append(...SPEEDS.map(button));
    group.hidden = false;
    show(speed);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error; // no such choice in this engine
  }
  return { show };
}

function button(speed) {
  const choose = () => put(PATH, { speed }).catch(() => undefined); // the banner tells of no contact
  const props = { type: "button", data: { speed }, on: { click: choose } };
  return h("button", props, `${speed}×`);
}
