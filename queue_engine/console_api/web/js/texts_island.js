/** The texts about an engine that is cut off, in Swedish and in English. */

const SV = {
  island_title: "Motorn är avskuren",
  island_what:
    "Den når varken andra motorer eller den gemensamma journalen och sköter bara sina egna växlar: {links}. Allt annat visas som det var när kontakten bröts.",
};

const EN = {
  island_title: "The engine is cut off",
  island_what:
    "It reaches neither other engines nor the journal they share, and serves its own switches alone: {links}. All else is shown as it was when contact was lost.",
};

export const TEXTS_ISLAND = { sv: SV, en: EN };
