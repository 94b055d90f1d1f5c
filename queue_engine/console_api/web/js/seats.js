/** Choosing a seat: a region, then one of its free places. */

import { ApiError, read } from "./api.js";
import { byId, h, setText } from "./dom.js";
import { t } from "./language.js";
import { shortName } from "./places.js";

/** The form; `onSit(seat)` when somebody sits down. */
export function seatForm(onSit) {
  let seats = [];
  byId("seat-region").addEventListener("change", drawPlaces);
  byId("seat-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const seat = seats.find((one) => one.agent_id === byId("seat-place").value);
    if (seat) onSit(seat);
  });

  async function load() {
    try {
      seats = (await read("/api/v1/seats")).seats.filter((seat) => !seat.is_taken);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the banner tells of no contact
      return;
    }
    draw();
  }

  function draw() {
    const free = new Map();
    for (const seat of seats) free.set(seat.region, (free.get(seat.region) ?? 0) + 1);
    const rows = [...free].map(([code, n]) => [code, t("seat_free", { region: shortName(code), n })]);
    rows.sort(([, a], [, b]) => a.localeCompare(b, "sv"));
    keepingValue(byId("seat-region"), rows, t("seat_no_seats"));
    drawPlaces();
  }

  function drawPlaces() {
    const own = seats.filter((seat) => seat.region === byId("seat-region").value);
    const rows = own.map((seat) => [seat.agent_id, seat.agent_id]);
    keepingValue(byId("seat-place"), rows, t("seat_none"));
    byId("sign-on").disabled = own.length === 0;
  }

  return { load, draw };
}

function keepingValue(select, rows, whenNone) {
  const chosen = select.value;
  const options = rows.length ? rows : [["", whenNone]];
  select.replaceChildren(...options.map(([value, name]) => h("option", { value }, name)));
  if (rows.some(([value]) => value === chosen)) select.value = chosen;
}

/** A skill list in words, best first. */
export function skillsText(skills, nameOf) {
  return [...skills]
    .sort((a, b) => a.level - b.level)
    .map((skill) => nameOf(skill.skill))
    .join(", ");
}

/** Shows a fault to the person at the seat, "" for none. */
export function showFault(text) {
  byId("fault").hidden = !text;
  setText(byId("fault"), text);
}
