/**
 * The key to the engine. It comes once in the link's fragment (`#token=...`), which no server ever
 * sees, goes to this tab's session storage, and is taken out of the address at once. Another tab of
 * the same origin that has it hands it on, so that a page opened by hand needs no link.
 */

const STORED = "samko.token";
const ASK_MS = 400;

let kept = "";

function remember(token) {
  kept = token;
  try {
    sessionStorage.setItem(STORED, token);
  } catch {
    // storage is forbidden: the key lasts as long as the page
  }
  answerOthers();
  return token;
}

function recall() {
  try {
    return kept || sessionStorage.getItem(STORED) || "";
  } catch {
    return kept;
  }
}

function fromAddress() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get("token");
  if (!token) return "";
  fragment.delete("token");
  const rest = fragment.toString();
  history.replaceState(null, "", location.pathname + location.search + (rest ? `#${rest}` : ""));
  return token;
}

let channel = null;

function answerOthers() {
  if (channel || typeof BroadcastChannel === "undefined") return;
  channel = new BroadcastChannel("samko.token");
  channel.addEventListener("message", ({ data }) => {
    if (data?.ask && recall()) channel.postMessage({ token: recall() });
  });
}

function askOthers() {
  if (typeof BroadcastChannel === "undefined") return Promise.resolve("");
  return new Promise((resolve) => {
    const asking = new BroadcastChannel("samko.token");
    const done = (token) => {
      clearTimeout(timer);
      asking.close();
      resolve(token);
    };
    const timer = setTimeout(() => done(""), ASK_MS);
    asking.addEventListener("message", ({ data }) => data?.token && done(data.token));
    asking.postMessage({ ask: true });
  });
}

/** The key, or "" when nobody here has it. */
export async function findToken() {
  const token = fromAddress() || recall() || (await askOthers());
  return token ? remember(token) : "";
}

/** The key as a person has pasted it: alone, or as the whole link. */
export function takeToken(pasted) {
  const text = pasted.trim();
  const match = /#(?:.*&)?token=([^&\s]+)/.exec(text);
  return remember(match ? decodeURIComponent(match[1]) : text);
}

/** The key was refused: it is forgotten, here only. */
export function forgetToken() {
  kept = "";
  try {
    sessionStorage.removeItem(STORED);
  } catch {
    // nothing was kept
  }
}

/** The key that this page has, "" before `findToken`. */
export function currentToken() {
  return recall();
}
