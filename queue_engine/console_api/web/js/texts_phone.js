/** The texts of the phone and of the nurse's seat. */

const SV = {};
const EN = {};

export const TEXTS_PHONE = { sv: SV, en: EN };
