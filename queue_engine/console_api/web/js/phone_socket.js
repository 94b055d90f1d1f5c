/**
 * The socket of a telephone: a caller's or an agent's. It says the key first, then what the page
 * says. When the connection breaks it comes back by itself and begins as `begin()` tells: with the
 * call that it had, or at the seat where it was.
 */

import { currentToken } from "./token.js";

const RETRY_MS = 700;
const KEY_REFUSED = 4401;
const IN_USE = 4409;

/**
 * `begin()` gives the first message of each connection, null to stay away; `onNews(news)` gets what
 * the server tells; `onContact(isThere)` whether there is a connection; `onRefused()` that the key
 * is not valid; `onInUse()` that another page has this phone.
 */
export class PhoneSocket {
  constructor(path, { begin, onNews, onContact, onRefused, onInUse }) {
    Object.assign(this, { path, begin, onNews, onContact, onRefused, onInUse });
    this.isWanted = false;
    this.socket = null;
  }

  /** Connects, and comes back until `close`. */
  open() {
    this.isWanted = true;
    this.#connect();
  }

  /** Goes away for good. */
  close() {
    this.isWanted = false;
    clearTimeout(this.retry);
    this.socket?.close();
    this.socket = null;
  }

  /** Says something; what cannot be said now is not said later: a key pressed late is another key. */
  say(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  #connect() {
    clearTimeout(this.retry);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${this.path}`, ["samko.v1"]);
    this.socket = socket;
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify({ token: currentToken() }));
      const first = this.begin();
      if (first) socket.send(JSON.stringify(first));
      this.onContact(true);
    });
    socket.addEventListener("message", (event) => {
      if (this.socket === socket) this.onNews(JSON.parse(event.data));
    });
    socket.addEventListener("close", (event) => {
      if (this.socket !== socket || !this.isWanted) return;
      if (event.code === KEY_REFUSED || event.code === IN_USE) {
        this.isWanted = false;
        if (event.code === IN_USE) this.onInUse();
        else this.onRefused();
        return;
      }
      this.onContact(false);
      this.retry = setTimeout(() => this.#connect(), RETRY_MS);
    });
  }
}
