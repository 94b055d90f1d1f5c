/**
 * The live connection: what the engine pushes, and the honest answer to how old it is.
 *
 * The server sends whole values, the latest only. When nothing has come for `QUIET_MS` the page
 * asks over HTTP; only when that fails too is the picture stale. It tries again for ever, slower
 * each time up to `RETRY_MS_MAX`.
 */

import { ApiError, read } from "./api.js";
import { currentToken } from "./token.js";

const QUIET_MS = 4000;
const CHECK_MS = 1000;
const ASK_MS = 3000;
const STALE_MS = 9000;
const RETRY_MS = 500;
const RETRY_MS_MAX = 5000;
const KEY_REFUSED = 4401;

/** Where a topic is read when the socket is quiet; others wait for the socket. */
const RESOURCES = { regions: "/api/v1/regions" };

/**
 * One connection for a page. `onData(topic, data, atMs)` gets each value, `onState(state)` each
 * change of `connecting`, `live`, `stale` and `refused` (the key is not valid).
 */
export class Live {
  constructor({ onData, onState }) {
    this.onData = onData;
    this.onState = onState;
    this.state = "connecting";
    this.topics = new Set();
    this.heardAt = 0; // performance.now() of the latest news, 0 before the first
    this.socket = null;
    this.retryMs = RETRY_MS;
    this.asking = false;
  }

  /** Starts, and goes on until the page is closed. */
  start() {
    this.startedAt = performance.now();
    this.#connect();
    setInterval(() => this.#check(), CHECK_MS);
    addEventListener("online", () => this.#connect());
  }

  /** Begins to follow a topic. */
  subscribe(topic) {
    if (this.topics.has(topic)) return;
    this.topics.add(topic);
    this.#say({ subscribe: [topic] });
  }

  /** Ceases to follow a topic. */
  unsubscribe(topic) {
    if (!this.topics.delete(topic)) return;
    this.#say({ unsubscribe: [topic] });
  }

  /** How long nothing has been heard, in ms. */
  silentMs() {
    return performance.now() - (this.heardAt || this.startedAt);
  }

  #say(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  #connect() {
    clearTimeout(this.retry);
    if (this.state === "refused" || (this.socket && this.socket.readyState <= WebSocket.OPEN)) return;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/api/v1/live`, ["samko.v1"]);
    this.socket = socket;
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify({ token: currentToken() }));
      socket.send(JSON.stringify({ subscribe: [...this.topics] }));
    });
    socket.addEventListener("message", (event) => this.#heard(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => {
      if (this.socket !== socket) return;
      if (event.code === KEY_REFUSED) return this.#enter("refused");
      this.retry = setTimeout(() => this.#connect(), this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, RETRY_MS_MAX);
    });
  }

  #heard(message) {
    if (message.topic === "error") return console.warn("the engine:", message.data.detail);
    this.retryMs = RETRY_MS;
    this.#fresh();
    this.onData(message.topic, message.data, message.at_ms);
  }

  #fresh() {
    this.heardAt = performance.now();
    this.#enter("live");
  }

  #enter(state) {
    if (this.state === state || this.state === "refused") return;
    this.state = state;
    this.onState(state);
  }

  #check() {
    if (this.silentMs() > QUIET_MS) this.#ask();
    if (this.silentMs() > STALE_MS) this.#enter("stale");
  }

  async #ask() {
    if (this.asking) return;
    this.asking = true;
    try {
      for (const [topic, path] of Object.entries(RESOURCES)) {
        if (!this.topics.has(topic)) continue;
        const data = await read(path, { deadlineMs: ASK_MS });
        this.#fresh();
        this.onData(topic, data, data.at_ms);
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401 || error.status === 403) this.#enter("refused");
    } finally {
      this.asking = false;
    }
  }
}
