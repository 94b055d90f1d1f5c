/**
 * Where each region stands on the tile map, and what it is called there. Rows go from north to
 * south, columns from west to east; each tile lies about where the region lies.
 */

const PLACES = {
  25: [1, 4, "Norrbotten"],
  24: [2, 3, "Västerbotten"],
  23: [3, 2, "Jämtland Härjedalen"],
  22: [3, 3, "Västernorrland"],
  20: [4, 2, "Dalarna"],
  21: [4, 3, "Gävleborg"],
  17: [5, 1, "Värmland"],
  18: [5, 2, "Örebro län"],
  19: [5, 3, "Västmanland"],
  "03": [5, 4, "Uppsala"],
  14: [6, 1, "Västra Götaland"],
  "05": [6, 2, "Östergötland"],
  "04": [6, 3, "Sörmland"],
  "01": [6, 4, "Stockholm"],
  13: [7, 1, "Halland"],
  "06": [7, 2, "Jönköpings län"],
  "08": [7, 3, "Kalmar län"],
  "09": [7, 4, "Gotland"],
  12: [8, 1, "Skåne"],
  "07": [8, 2, "Kronoberg"],
  10: [8, 3, "Blekinge"],
};

/** The home region of those whose place is not known: in the corner where no region lies. */
export const UNKNOWN = "unknown";
const UNKNOWN_PLACE = { row: 8, column: 4 };

/** Where a name may be broken on a narrow tile, and the one that is shortened there. */
const TILE_NAMES = {
  25: "Norr\u00adbotten",
  24: "Väster\u00adbotten",
  23: "Jämtland",
  22: "Väster\u00adnorrland",
  21: "Gävle\u00adborg",
  17: "Värm\u00adland",
  19: "Väst\u00admanland",
  "05": "Öster\u00adgötland",
  "04": "Sörm\u00adland",
  "01": "Stock\u00adholm",
  "06": "Jön\u00adköpings län",
  "07": "Krono\u00adberg",
};

const ROWS = 8;
const COLUMNS = 4;

/** The regions of the map, from north to south: what a person may choose from. */
export const REGION_CODES = Object.keys(PLACES).sort(
  (a, b) => PLACES[a][0] - PLACES[b][0] || PLACES[a][1] - PLACES[b][1],
);

/** The region's everyday name; `otherwise` when it is none of the twenty-one. */
export function shortName(code, otherwise = "") {
  return PLACES[code]?.[2] ?? (otherwise.replace(/^Region /, "") || code);
}

/** Whether the region has a place of its own. */
export function isOnMap(code) {
  return code in PLACES || code === UNKNOWN;
}

/** The name as it stands on a tile. */
export function tileName(code, otherwise) {
  return TILE_NAMES[code] ?? shortName(code, otherwise);
}

/** `{row, column}` of a tile; regions that are not on the map follow below it. */
export function placeOf(code, indexOfUnplaced) {
  if (code === UNKNOWN) return UNKNOWN_PLACE;
  if (PLACES[code]) return { row: PLACES[code][0], column: PLACES[code][1] };
  return {
    row: ROWS + 1 + Math.floor(indexOfUnplaced / COLUMNS),
    column: 1 + (indexOfUnplaced % COLUMNS),
  };
}

/** All regions by Swedish alphabet, as `[code, name]`. */
export function regionsByName() {
  return REGION_CODES.map((code) => [code, PLACES[code][2]]).sort(([, a], [, b]) =>
    a.localeCompare(b, "sv"),
  );
}
