/** The banners of an engine that is alone with its switches, or cannot write its journal. */

import { byId, h, setText } from "./dom.js";
import { clockMinute } from "./format.js";
import { t } from "./language.js";

/** Cut off from all others, with these switches; hidden when there are none. */
export function showIsland(links) {
  show("island", links.length > 0, { links: links.join(", ") });
}

/** What happens has been in memory only since that moment; hidden when it is null. */
export function showDegraded(sinceMs) {
  const isDegraded = sinceMs !== null;
  show("degraded", isDegraded, { time: isDegraded ? clockMinute(sinceMs) : "" });
}

function show(id, isShown, values) {
  const banner = byId(id);
  banner.hidden = !isShown;
  if (!isShown) return;
  if (!banner.firstElementChild) banner.replaceChildren(h("strong"), h("span"));
  setText(banner.firstElementChild, t(`${id}_title`));
  setText(banner.lastElementChild, t(`${id}_what`, values));
}
