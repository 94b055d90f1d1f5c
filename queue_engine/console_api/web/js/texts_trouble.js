/** The texts about an engine that is cut off or cannot write, in Swedish and in English. */

const SV = {
  island_title: "Motorn är avskuren",
  island_what:
    "Den når varken andra motorer eller den gemensamma journalen och sköter bara sina egna växlar: {links}. Allt annat visas som det var när kontakten bröts.",
  degraded_title: "Journalen kan inte skrivas",
  degraded_what:
    "Allt som hänt sedan {time} finns bara i motorns minne. Samtal och kö går som vanligt, och det förs in i journalen när det går. Stannar motorn dessförinnan behåller de som ringer sin plats, men återuppringningar, chattar och inloggningar sedan {time} kan gå förlorade.",
};

const EN = {
  island_title: "The engine is cut off",
  island_what:
    "It reaches neither other engines nor the journal they share, and serves its own switches alone: {links}. All else is shown as it was when contact was lost.",
  degraded_title: "The journal cannot be written",
  degraded_what:
    "All that has happened since {time} is in the engine's memory only. Calls and the queue go on as usual, and the journal gets it when it can be written. Should the engine stop before that, callers keep their places, but callbacks, chats and sign-ons since {time} may be lost.",
};

export const TEXTS_TROUBLE = { sv: SV, en: EN };
