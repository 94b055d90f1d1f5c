/** The closed sets that the pages draw: priorities, what agents do, and how it goes in a region. */

import { UNKNOWN } from "./places.js";

/** Most urgent first. */
export const PRIORITIES = ["emergency", "urgent", "raised", "standard", "non_medical"];

/** Each nurse is counted in one of these. */
export const AGENT_STATES = ["ready", "ringing", "talking", "wrap_up", "not_ready"];

/** From this share of those waiting, or this many in a small queue, being late is called many. */
const MANY_SHARE = 0.2;
const MANY_MIN = 3;

/**
 * How it goes somewhere, in one word: `quiet` (nobody waits), `waiting` (all within the promise),
 * `some` or `many` (past the promise).
 */
export function levelOf(load) {
  if (load.past_promise === 0) return load.waiting_total + load.ringing === 0 ? "quiet" : "waiting";
  const many = Math.max(MANY_MIN, MANY_SHARE * (load.waiting_total + load.ringing));
  return load.past_promise >= many ? "many" : "some";
}

/** The same without callers whose region is not known. */
export function callsBetween(helps) {
  return callsIn(helps.filter((help) => help.region !== UNKNOWN));
}

/** How many calls are in these lists of `{region, calls}`. */
export function callsIn(helps) {
  return helps.reduce((sum, help) => sum + help.calls, 0);
}
