/**
 * The page of the nurse's seat: sits down at a phone, signs on, and takes calls. What she does now
 * is what the engine says; the phone's own news only come sooner.
 */

import { ApiError, command } from "./api.js";
import { contactCard } from "./contact.js";
import { byId, h, setText } from "./dom.js";
import { engineNow, freezeTime, lastTold, tellTime } from "./engine_time.js";
import { duration } from "./format.js";
import { onLanguage, t, tOr } from "./language.js";
import { Live } from "./live.js";
import { PhoneSocket } from "./phone_socket.js";
import { shortName } from "./places.js";
import { needsOf, regionName } from "./queue.js";
import { seatForm, showFault, skillsText } from "./seats.js";
import { drawTop, replaceToken, requireToken, showConnection, showStale } from "./top.js";

const STORED = "samko.seat";
const TICK_MS = 500;
const ABSENT_MIN = 3; // news without her: an older one may come after the answer to her sign-on

const TO_BREAK = ["go_break", "", () => order("not-ready", { reason: "break" })];
const TO_MEETING = ["go_meeting", "", () => order("not-ready", { reason: "meeting" })];
const BUTTONS = {
  not_ready: [["go_ready", "main", () => order("ready")], TO_BREAK, TO_MEETING],
  ready: [TO_BREAK, TO_MEETING],
  ringing: [
    ["answer", "call", () => pick("answer")],
    ["reject", "", () => pick("reject")],
  ],
  talking: [["end_talk", "hang-up", () => phone.say({ hang_up: true })]],
  wrap_up: [["end_wrap_up", "main", () => order("wrap-up/end")], TO_BREAK],
};

const desk = {
  speed: 1,
  seat: null,
  isNew: false, // sits down, and has not signed on yet
  absent: 0, // so many times in a row the engine has told of her region without her
  agent: null,
  phone: null,
  picked: null, // what she has pressed for the one whom the engine says it rings for
  contactId: null,
  contact: undefined,
  at: null,
};

drawTop("agent");
await requireToken();

const form = seatForm(sit);
const caller = contactCard({ name: "caller" });
const live = new Live({ onData, onState });
let phone = null;

byId("sign-off").addEventListener("click", () => order("sign-off"));
live.subscribe("regions");
live.start();
onState(live.state);
setInterval(tick, TICK_MS);
onLanguage(draw);
const before = recallSeat();
if (before) takeSeat(before);
else await form.load();
draw();

function sit(seat) {
  desk.isNew = true;
  takeSeat(seat);
}

/** The phone is on the desk: only now may it be rung. */
async function signOn() {
  desk.isNew = false;
  if (!(await order("sign-on", { phone_id: desk.seat.phone_id }))) leaveSeat();
}

function takeSeat(seat) {
  desk.seat = seat;
  keepSeat(seat);
  phone = new PhoneSocket(`/api/v1/phone/agent/${encodeURIComponent(seat.phone_id)}`, {
    begin: () => null,
    onNews: onPhone,
    onContact: (isThere) => showFault(isThere ? "" : t("phone_off")),
    onRefused: replaceToken,
    onInUse: () => {
      leaveSeat();
      showFault(t("phone_in_use"));
    },
  });
  phone.open();
  live.subscribe(`agents:${seat.region}`);
  draw();
}

function leaveSeat() {
  if (!desk.seat) return;
  live.unsubscribe(`agents:${desk.seat.region}`);
  phone.close();
  phone = null;
  Object.assign(desk, { seat: null, isNew: false, absent: 0, agent: null, phone: null });
  showContact(null);
  keepSeat(null);
  form.load();
  draw();
}

/** Sends one of the agent's commands; true if the engine took it. */
async function order(what, body = {}) {
  showFault("");
  try {
    const answer = await command(`/api/v1/agents/${encodeURIComponent(desk.seat.agent_id)}/${what}`, body);
    showAgent(answer.agent);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    showFault(t("failed", { why: error.message }));
    return false;
  }
}

/** The engine may say that it rings before her phone does, which takes no notice until then. */
function pick(what) {
  desk.picked = what;
  phone.say({ [what]: true });
}

function onPhone(news) {
  if (news.news === "error") {
    showFault(t("failed", { why: news.detail ?? "" }));
    return;
  }
  if (news.news === "plugged_in" && desk.isNew) signOn();
  desk.phone = news.news === "plugged_in" ? news.state : news.news;
  if (news.contact_id) showContact(news.contact_id);
  if (news.news === "ringing" && desk.picked) phone.say({ [desk.picked]: true });
  draw();
}

function onData(topic, data, atMs) {
  if (topic === "regions") {
    tellTime(data.at_ms, data.speed);
    desk.speed = data.speed;
    drawSpeed();
  }
  if (desk.seat && topic === `agents:${desk.seat.region}`) {
    const own = data.agents.find((agent) => agent.agent_id === desk.seat.agent_id);
    desk.absent = own ? 0 : desk.absent + 1;
    if (own) showAgent(own);
    else if (desk.absent >= ABSENT_MIN && !desk.isNew) leaveSeat(); // signed off here or elsewhere
  }
  if (topic === `contact:${desk.contactId}`) {
    Object.assign(desk, { contact: data, at: atMs });
    caller.show(desk.contactId, data, atMs);
  }
}

function onState(state) {
  showConnection(state);
  document.body.dataset.connection = state;
  if (state === "stale") freezeTime();
  if (state === "refused") replaceToken();
  if (state !== "stale") showStale(false);
}

function showAgent(agent) {
  desk.agent = agent;
  if (agent === null) {
    leaveSeat();
    return;
  }
  if (agent.state !== "ringing" && agent.state !== "talking") desk.phone = null;
  showContact(agent.contact_id);
  draw();
}

function showContact(id) {
  if (id === desk.contactId) return;
  if (desk.contactId) live.unsubscribe(`contact:${desk.contactId}`);
  Object.assign(desk, { contactId: id, contact: undefined, at: null, picked: null });
  if (id === null) {
    caller.hide();
    return;
  }
  caller.show(id, undefined, null);
  caller.reveal();
  live.subscribe(`contact:${id}`);
}

function stateNow() {
  if (desk.phone === "ringing" || desk.phone === "talking") return desk.phone;
  return desk.agent?.state ?? "not_ready";
}

function draw() {
  const { seat, agent } = desk;
  drawSpeed();
  byId("seat").hidden = seat !== null;
  byId("desk").hidden = seat === null;
  if (seat === null) {
    form.draw();
    return;
  }
  const state = stateNow();
  byId("desk").dataset.state = state;
  setText(byId("desk-who"), t("signed_on_as", { agent: seat.agent_id, region: shortName(seat.region) }));
  const skills = skillsText(seat.skills, (skill) => tOr(`skill_${skill}`, skill));
  setText(byId("desk-skills"), t("can_do", { skills }));
  setText(byId("desk-state"), t(`desk_${state}`));
  drawButtons(state, agent);
  if (desk.contactId && desk.contact !== undefined) caller.show(desk.contactId, desk.contact, desk.at);
  tick();
}

function drawSpeed() {
  byId("fast-time").hidden = desk.speed === 1;
  setText(byId("fast-time"), t("fast_time", { n: desk.speed }));
}

function drawButtons(state, agent) {
  const wanted = BUTTONS[state] ?? [];
  const held = byId("desk-buttons");
  const shown = `${state} ${agent?.presence} ${document.documentElement.lang}`;
  if (held.dataset.shown === shown) return; // the focus stays where it is
  const hadFocus = held.contains(document.activeElement);
  held.dataset.shown = shown;
  held.replaceChildren(
    ...wanted.map(([name, look, press]) =>
      h("button", { type: "button", class: `button ${look}`, id: `do-${name}`, on: { click: press } }, t(name)),
    ),
  );
  if (hadFocus || state === "ringing") held.firstElementChild?.focus();
}

function tick() {
  if (live.state === "stale") showStale(true, live.silentMs(), lastTold());
  caller.tick();
  const { agent } = desk;
  const now = engineNow();
  const isKnown = agent && now !== null;
  const state = stateNow();
  const since = isKnown && agent.state === state ? agent.since_ms : null;
  setText(byId("desk-timer"), since === null ? "" : duration(now - since));
  setText(byId("desk-note"), isKnown ? noteFor(agent, state, now) : "");
}

function noteFor(agent, state, now) {
  if (agent.is_signing_off) return t("desk_signing_off");
  if (state === "not_ready" && agent.not_ready_reason) return t(`reason_${agent.not_ready_reason}`);
  if (state === "wrap_up" && agent.wrap_up_until_ms !== null) {
    return t("wrap_up_left", { time: duration(agent.wrap_up_until_ms - now) });
  }
  if (state === "ready") return t("no_caller");
  const { contact } = desk;
  if (!contact || state === "not_ready") return "";
  return [t(contact.priority), regionName(contact.home_region), needsOf(contact)].filter(Boolean).join(" · ");
}

function keepSeat(seat) {
  try {
    if (seat) sessionStorage.setItem(STORED, JSON.stringify(seat));
    else sessionStorage.removeItem(STORED);
  } catch {
    // storage is forbidden: a reload loses the seat, and its phone is free again after a while
  }
}

function recallSeat() {
  try {
    return JSON.parse(sessionStorage.getItem(STORED) ?? "null");
  } catch {
    return null;
  }
}
