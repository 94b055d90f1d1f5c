/** Durations, times and counts as people read them. Everything comes in as milliseconds. */

import { locale, t } from "./language.js";

/** A wait as `m:ss`, from an hour on `h:mm:ss`; never negative. */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, rest] = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  const two = (n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A wait in words for a screen reader: "8 min 40 s". */
export function spokenDuration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return t("spoken_duration", { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
}

/** The time of day in Sweden, wherever the screen hangs. */
export function clock(ms) {
  return format(ms, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** The same without its seconds. */
export function clockMinute(ms) {
  return format(ms, { hour: "2-digit", minute: "2-digit" });
}

/** The day in Sweden, short: "lör 21 nov.". */
export function day(ms) {
  return format(ms, { weekday: "short", day: "numeric", month: "short" });
}

const formats = new Map();

function format(ms, options) {
  const key = locale() + JSON.stringify(options);
  if (!formats.has(key)) {
    const zone = { timeZone: "Europe/Stockholm", hourCycle: "h23" };
    formats.set(key, new Intl.DateTimeFormat(locale(), { ...zone, ...options }));
  }
  return formats.get(key).format(ms);
}

/** A whole number with the language's grouping. */
export function count(n) {
  return n.toLocaleString(locale());
}
