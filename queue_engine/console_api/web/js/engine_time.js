/**
 * The engine's time between two pieces of news: it goes on from the last moment that was told, at
 * the engine's own pace. It stands still when the connection is stale, since then nobody knows.
 */

let toldMs = null;
let toldAt = 0;
let pace = 1;
let frozenMs = null;

/** News from the engine: its time, and how much faster than the wall it goes. */
export function tellTime(atMs, speed = pace) {
  toldMs = atMs;
  toldAt = performance.now();
  pace = speed;
  frozenMs = null;
}

/** The engine's time now, in ms; null before the first news. */
export function engineNow() {
  if (toldMs === null) return null;
  return frozenMs ?? toldMs + (performance.now() - toldAt) * pace;
}

/** The engine's time of the latest news, null before the first. */
export function lastTold() {
  return toldMs;
}

/** Nothing is known any more: the time stands at the latest news. */
export function freezeTime() {
  frozenMs = toldMs;
}
