/** Questions and commands to the engine over HTTP. */

import { currentLanguage } from "./language.js";
import { currentToken } from "./token.js";

const DEADLINE_MS = 8000;

/** The engine refused, or could not be reached (`status` 0). `message` can be shown as it is. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Reads a resource, e.g. `read("/api/v1/regions")`; raises `ApiError`. */
export function read(path, { deadlineMs = DEADLINE_MS } = {}) {
  return call("GET", path, undefined, {}, deadlineMs);
}

/** Sends a command once, however often the network makes it arrive; raises `ApiError`. */
export function command(path, body = {}) {
  return call("POST", path, body, { "Idempotency-Key": randomKey() }, DEADLINE_MS);
}

/** Puts a value; raises `ApiError`. */
export function put(path, body) {
  return call("PUT", path, body, {}, DEADLINE_MS);
}

function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function call(method, path, body, headers, deadlineMs) {
  const init = {
    method,
    headers: { Authorization: `Bearer ${currentToken()}`, ...headers },
    signal: AbortSignal.timeout(deadlineMs),
    cache: "no-store",
  };
  if (body !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    throw new ApiError(0, String(error?.message ?? error));
  }
  const text = await response.text();
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    if (response.ok) throw new ApiError(response.status, "not JSON");
  }
  if (response.ok) return value;
  const title = currentLanguage() === "sv" ? value?.title_sv : value?.detail;
  throw new ApiError(response.status, title ?? value?.title ?? response.statusText);
}
