/** The banner of an engine that is cut off from all others, and alone with its own switches. */

import { byId, h, setText } from "./dom.js";
import { t } from "./language.js";

/** Shows it with these switches, or hides it when there are none. */
export function showIsland(links) {
  const banner = byId("island");
  banner.hidden = links.length === 0;
  if (banner.hidden) return;
  if (!banner.firstElementChild) banner.replaceChildren(h("strong"), h("span"));
  setText(banner.firstElementChild, t("island_title"));
  setText(banner.lastElementChild, t("island_what", { links: links.join(", ") }));
}
