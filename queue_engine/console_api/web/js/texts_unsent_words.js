/** The texts about text messages that are not sent, in Swedish and in English. */

const SV = {
  texts: "Sms som inte gått fram",
  texts_pending: "Dessutom {n} som skickas nu eller försöks igen.",
  texts_given_up: "{why}, skulle ha skickats {time}",
  texts_no_number: "inget mobilnummer",
  texts_refused: "sms-tjänsten tar inte emot det",
  texts_unreachable: "sms-tjänsten svarar inte som den ska",
  texts_unreported: "ingen har berättat hur det gick",
};

const EN = {
  texts: "Text messages that were not sent",
  texts_pending: "Besides, {n} that are being sent or tried again.",
  texts_given_up: "{why}, was to be sent {time}",
  texts_no_number: "no mobile number",
  texts_refused: "the text message service does not take it",
  texts_unreachable: "the text message service does not answer as it should",
  texts_unreported: "nobody has told how it went",
};

export const TEXTS_UNSENT = { sv: SV, en: EN };
