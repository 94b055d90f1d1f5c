/**
 * The live connection: what the engine pushes, and the honest answer to how old it is.
 *
 * The server sends whole values, the latest only, at least every two seconds. When nothing has
 * come for `QUIET_MS` the page asks for all of it over HTTP; only when that fails too is the
 * picture stale. A socket that says nothing is given up. It tries again for ever, slower each time
 * up to `RETRY_MS_MAX`.
 */

import { ApiError, read } from "./api.js";
import { engineNow } from "./engine_time.js";
import { currentToken } from "./token.js";

const QUIET_MS = 4000;
const CHECK_MS = 1000;
const ASK_MS = 3000;
const STALE_MS = 9000;
const RETRY_MS = 500;
const RETRY_MS_MAX = 5000;
const KEY_REFUSED = 4401;

/** Where a topic is read when the socket is quiet. */
function resourceOf(topic) {
  const [kind, which = ""] = [topic.split(":", 1)[0], topic.split(":").slice(1).join(":")];
  if (kind === "contact") return `/api/v1/contacts/${encodeURIComponent(which)}`;
  return `/api/v1/${kind}${which ? `?region=${encodeURIComponent(which)}` : ""}`;
}

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
    this.pushedAt = 0; // performance.now() of the socket's latest news, or of its beginning
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
    this.pushedAt = performance.now();
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
    this.pushedAt = performance.now();
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
    if (performance.now() - this.pushedAt > STALE_MS) this.#giveUpSocket();
    if (this.silentMs() > STALE_MS) this.#enter("stale");
  }

  #giveUpSocket() {
    if (this.socket === null || this.socket.readyState > WebSocket.OPEN) return;
    const dead = this.socket;
    this.socket = null;
    dead.close();
    this.#connect();
  }

  async #ask() {
    if (this.asking) return;
    this.asking = true;
    try {
      for (const topic of [...this.topics]) await this.#read(topic);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401 || error.status === 403) this.#enter("refused");
    } finally {
      this.asking = false;
    }
  }

  async #read(topic) {
    let data = null;
    try {
      data = await read(resourceOf(topic), { deadlineMs: ASK_MS });
    } catch (error) {
      if (error.status !== 404) throw error; // a contact may be gone: that is news as well
    }
    this.#fresh();
    this.onData(topic, data, data?.at_ms ?? engineNow());
  }
}
