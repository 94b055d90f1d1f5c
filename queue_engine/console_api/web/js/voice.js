/** Reads aloud what is said on the line, if a person has asked for it. */

const LANGUAGES = { sv: "sv-SE", en: "en-GB" };
let isOn = false;

/** Whether this browser can speak at all. */
export function canSpeak() {
  return typeof speechSynthesis !== "undefined";
}

/** Begins or ceases to read aloud. */
export function setAloud(on) {
  isOn = on;
  if (!on) hush();
}

/** Says a text after what is being said. */
export function speak(text, language) {
  if (!isOn || !canSpeak()) return;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = LANGUAGES[language] ?? language;
  speechSynthesis.speak(words);
}

/** Is silent at once: a key was pressed, or the call is over. */
export function hush() {
  if (canSpeak()) speechSynthesis.cancel();
}
