/** The page of the phone: rings 1177, and shows or reads what is heard. */

import { byId, h, setText } from "./dom.js";
import { duration } from "./format.js";
import { keypad } from "./keypad.js";
import { currentLanguage, onLanguage, t, tOr } from "./language.js";
import { PhoneSocket } from "./phone_socket.js";
import { regionsByName } from "./places.js";
import { drawTop, replaceToken, requireToken, showConnection } from "./top.js";
import { canSpeak, hush, setAloud, speak } from "./voice.js";

const STORED = "samko.call";
const NUMBER = "1177";
const TICK_MS = 500;
const SAID_MAX = 200;
const IN_CALL = ["menu", "waiting", "ringing", "talking"];

const call = { state: "idle", since: 0, contactId: null, key: null, reason: null, isLost: false };

drawTop("phone");
await requireToken();

const keys = keypad(byId("keys"), pressKey);
const line = new PhoneSocket("/api/v1/phone/caller", {
  begin,
  onNews,
  onContact,
  onRefused: replaceToken,
});
byId("call").addEventListener("click", dial);
byId("hang-up").addEventListener("click", hangUp);
byId("aloud").addEventListener("change", (event) => setAloud(event.target.checked));
byId("aloud").disabled = !canSpeak();
byId("no-voice").hidden = canSpeak();
setInterval(drawTimer, TICK_MS);
onLanguage(draw);
recall();
draw();

function begin() {
  if (call.contactId && IN_CALL.includes(call.state)) {
    return { resume: call.contactId, key: call.key };
  }
  const region = byId("from").value;
  return region ? { dial: NUMBER, from_region: region } : { dial: NUMBER };
}

function dial() {
  Object.assign(call, { contactId: null, key: null, reason: null });
  byId("said").replaceChildren();
  setText(byId("phone-now"), "");
  enter("dialling");
  line.open();
}

function hangUp() {
  line.say({ hang_up: true });
  hush();
  if (call.state === "dialling" || call.isLost) over("caller_hung_up");
}

function pressKey(key) {
  hush();
  line.say({ key });
}

function onContact(isThere) {
  call.isLost = !isThere;
  showConnection(isThere ? "live" : "stale");
  draw();
}

function onNews(news) {
  switch (news.news) {
    case "dialled":
      Object.assign(call, { contactId: news.contact_id, key: news.key });
      keep();
      enter("menu");
      break;
    case "resumed":
      enter(news.state);
      break;
    case "prompt":
      hear(news);
      break;
    case "listening":
      note(t("call_listening"));
      break;
    case "waiting":
    case "ringing":
    case "talking":
      enter(news.news);
      break;
    case "ended":
      over(news.reason);
      break;
    case "error":
      if (call.state === "dialling") over("refused", news.detail);
      else if (news.code === "unknown_contact") over("lost");
      else note(news.detail);
      break;
  }
}

function over(reason, why = "") {
  call.reason = reason === "refused" ? t("refused", { why }) : tOr(`ended_${reason}`, reason);
  line.close();
  hush();
  enter("ended");
  keep();
}

/** A call outlives a reload of its page: the engine keeps it for a while. */
function keep() {
  const { contactId, key, state } = call;
  try {
    if (state === "ended") sessionStorage.removeItem(STORED);
    else sessionStorage.setItem(STORED, JSON.stringify({ contactId, key }));
  } catch {
    // storage is forbidden: a reload loses the call
  }
}

function recall() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(STORED) ?? "null");
    if (!kept) return;
    Object.assign(call, kept, { state: "menu", since: performance.now() });
    line.open();
  } catch {
    // nothing was kept
  }
}

function enter(state) {
  if (call.state === state) return;
  if (!(IN_CALL.includes(call.state) && state === "ended")) call.since = performance.now();
  if (state === "talking") tell(t("call_with"));
  call.state = state;
  note("");
  draw();
}

function hear(prompt) {
  const [own, other] = currentLanguage() === "sv" ? ["text_sv", "text_en"] : ["text_en", "text_sv"];
  const heard = prompt.text ?? prompt[own] ?? prompt[other];
  // Each language asks for itself: one is no translation of the other.
  const isSame = prompt.name !== "choose_language" && prompt[own] && prompt[own] !== heard;
  const meaning = isSame ? prompt[own] : "";
  note("");
  speak(heard, prompt.language);
  tell(heard, prompt.language, meaning);
}

function tell(text, language = currentLanguage(), meaning = "") {
  const list = byId("said");
  for (const old of list.querySelectorAll(".is-now")) old.classList.remove("is-now");
  list.append(
    h("li", { class: "is-now" }, h("p", { lang: language }, text), meaning ? h("p", { class: "soft" }, meaning) : null),
  );
  while (list.children.length > SAID_MAX) list.firstElementChild.remove();
  byId("said-scroll").scrollTop = byId("said-scroll").scrollHeight;
  byId("heard-nothing").hidden = true;
  setText(byId("phone-now"), text);
}

function note(text) {
  setText(byId("phone-note"), text);
}

function draw() {
  const isBusy = IN_CALL.includes(call.state) || call.state === "dialling";
  byId("phone").dataset.state = call.isLost && isBusy ? "lost" : call.state;
  setText(byId("phone-state"), t(call.isLost && isBusy ? "call_lost" : `call_${call.state}`));
  if (call.state === "ended") note(call.reason);
  if (call.state === "waiting" || call.state === "ringing") note(t("call_music"));
  byId("before").hidden = isBusy;
  byId("call").hidden = isBusy;
  byId("hang-up").hidden = !isBusy;
  setText(byId("call"), t(call.state === "ended" ? "call_again" : "call"));
  keys.setActive(isBusy && call.state !== "dialling");
  const follow = byId("follow");
  follow.hidden = !call.contactId;
  if (call.contactId) follow.href = `./#contact=${encodeURIComponent(call.contactId)}`;
  if (call.state === "idle") showConnection("live");
  drawRegions();
  drawTimer();
}

function drawRegions() {
  const select = byId("from");
  const chosen = select.value;
  const options = [["", t("from_unknown")], ...regionsByName()];
  select.replaceChildren(...options.map(([value, name]) => h("option", { value }, name)));
  select.value = chosen;
}

function drawTimer() {
  if (call.state === "ended" || call.state === "idle") {
    setText(byId("phone-timer"), call.state === "idle" ? NUMBER : byId("phone-timer").textContent);
    return;
  }
  setText(byId("phone-timer"), duration(performance.now() - call.since));
}
