// The phone page: places a call, shows what state it is in, and shows both sides as text.

import { Line, LineError, openMicrophone } from "./sound/line.js";
import { Talk } from "./talk.js";

const page = document.getElementById("phone");
const part = Object.fromEntries([...page.querySelectorAll("[id]")].map((found) => [found.id, found]));
const face = page.querySelector(".face");
const meter = page.querySelector(".meter");
const pageTitle = document.title;

const STATES = {
  ringing: ["Calling…", "Connecting you to the assistant."],
  listening: ["Listening", "Go ahead, the assistant hears you."],
  thinking: ["One moment", "Looking it up."],
  speaking: ["Assistant speaking", "You can interrupt at any time."],
  waiting: ["Getting you a person", "Please stay on the line."],
  bridged: ["Connected", "You are speaking with a person. This part is not transcribed."],
};

const talk = new Talk(part.talk, { caller: "You", agent: "Assistant", person: "Person" });

/** The one call at a time: {line, captions, place, started, wake, breaks}; `breaks`: how often it broke off. */
let call = null;
let ticking = 0;

const BACK_WITHIN_MS = 60_000;
const BACK_EVERY_MS = 1000;
const MOST_BREAKS = 3;

function show(state, title, detail) {
  page.dataset.state = state;
  const [usualTitle, usualDetail] = STATES[state] ?? ["", ""];
  setText(part.status, title ?? usualTitle);
  setText(part.detail, detail ?? usualDetail);
  document.title = call ? `${part.status.textContent} · ${pageTitle}` : pageTitle;
}

function setText(target, text) {
  if (target.textContent !== text) target.textContent = text; // an equal text must not be read out again
}

function complain(message) {
  part.problem.querySelector("span").textContent = message;
  part.problem.hidden = !message;
}

function showControls(inCall) {
  part.call.hidden = inCall;
  part.controls.hidden = !inCall;
  part.timer.hidden = !inCall;
  if (!inCall) toggleKeypad(false);
}

// ---------------------------------------------------------------- a call, from start to end

async function start() {
  complain("");
  part.call.disabled = true;
  part.call.querySelector("span").textContent = "Starting…";
  try {
    const microphone = await openMicrophone();
    await dial(microphone).catch((error) => {
      for (const track of microphone.getTracks()) track.stop();
      throw error;
    });
  } catch (error) {
    if (!(error instanceof LineError)) console.error(error);
    over(error instanceof LineError ? error.message : "The call could not be started. Please reload the page and try again.");
  } finally {
    part.call.disabled = false;
  }
}

async function dial(microphone) {
  const place = await reserve();
  talk.clear();
  setMuted(false);
  show("ringing");
  showControls(true);
  part.mute.focus();
  ticking = setInterval(showTime, 250);
  await connect(microphone, place, { started: performance.now(), wake: await keepAwake(), breaks: 0 });
}

async function connect(microphone, place, kept) {
  call = { ...kept, place };
  call.captions = talk.follow(place.captions, showState);
  call.line = new Line({ path: place.media, token: place.token, call: place.call, microphone, sound: new URL(page.dataset.sound, location).href });
  call.line.addEventListener("level", ({ detail }) => showLevel(detail));
  call.line.addEventListener("closed", ({ detail }) => closed(detail));
  call.line.muted = kept.line?.muted ?? false;
  await call.line.open();
}

async function reserve() {
  let response;
  try {
    response = await fetch("/phone/calls", { method: "POST" });
  } catch {
    throw new LineError("The server cannot be reached. Is it still running?");
  }
  if (response.ok) return response.json();
  const { detail } = await response.json().catch(() => ({}));
  throw new LineError(typeof detail === "string" ? detail : `The server refused the call (${response.status}).`);
}

async function keepAwake() {
  return navigator.wakeLock?.request("screen").catch(() => undefined);
}

function closed({ code, byUs }) {
  if (byUs || code === 1000) over("");
  else if (!refused(code) && call?.line?.connectedOnce && call.breaks < MOST_BREAKS) comeBack(call, code);
  else failed(code);
}

/** By a server that is well, and will say the same again. */
function refused(code) {
  return code === 1008;
}

/** Our side broke off in the middle of a call: whoever was on it gets a person as soon as there is a server again. */
async function comeBack(lost, code) {
  lost.captions?.close();
  talk.hush();
  show("waiting", "We were cut off", "Please stay here, we are getting you back.");
  for (const until = performance.now() + BACK_WITHIN_MS; call === lost && performance.now() < until; await pause(BACK_EVERY_MS)) {
    const answer = await fetch(`/phone/calls/${lost.place.call}/again`, { method: "POST" }).catch(() => null);
    if (call !== lost) return; // they have hung up
    if (answer?.ok) return goOn(lost, await answer.json(), code);
    if (answer?.status === 404) break;
  }
  if (call === lost) failed(code);
}

async function goOn(lost, place, code) {
  try {
    const microphone = await openMicrophone();
    await connect(microphone, place, { ...lost, breaks: lost.breaks + 1 });
  } catch (error) {
    console.error(error);
    if (call) failed(code);
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function failed(code) {
  if (code === 1001) over("The service is restarting. Please call again in a minute.");
  else if (code === 1006) over("The connection was lost. Check your network, then call again.");
  else over("Something went wrong on our side. Please call again.");
}

/** The call has ended, or never began. `problem` says why, when it was not meant to. */
function over(problem) {
  const lasted = call?.line?.connectedOnce ? part.timer.textContent : "";
  clearInterval(ticking);
  call?.captions?.close();
  call?.wake?.release();
  talk.hush();
  call = null;
  complain(problem);
  showControls(false);
  part.call.querySelector("span").textContent = problem && !lasted ? "Try again" : "Call again";
  show("over", lasted ? "Call ended" : "No call", lasted ? `It lasted ${lasted}.` : "Nothing was said or recorded.");
  face.style.removeProperty("--level");
  part.call.disabled = false;
  part.call.focus();
}

function hangUp() {
  if (call?.line?.over) over(""); // between two lines
  else call?.line?.hangUp();
}

function showTime() {
  const seconds = Math.floor((performance.now() - call.started) / 1000);
  setText(part.timer, `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
}

function showState({ state, position, agent }) {
  if (state === "ended") return; // the line closes next
  if (state === "waiting" && agent) show(state, `${agent} is taking your call`, "One moment, you are being connected.");
  else if (state === "waiting" && position) show(state, undefined, position === 1 ? "You are next in line." : `You are number ${position} in line.`);
  else if (state === "bridged" && agent) show(state, `Connected to ${agent}`);
  else show(state);
}

// ---------------------------------------------------------------- level, mute, keypad

function showLevel({ side, level }) {
  const shown = Math.min(1, Math.sqrt(level) * 1.6);
  if (side === "here") meter.style.setProperty("--mic", shown.toFixed(2));
  const state = page.dataset.state;
  const theirs = state === "speaking" || state === "bridged" || state === "waiting";
  if (theirs === (side === "there")) face.style.setProperty("--level", shown.toFixed(2));
}

function setMuted(muted) {
  if (call?.line) call.line.muted = muted;
  part.mute.setAttribute("aria-pressed", String(muted));
  part.mute.querySelector(".label").textContent = muted ? "Unmute" : "Mute";
}

function toggleKeypad(open = part.keypad.hidden) {
  part.keypad.hidden = !open;
  part.keys.setAttribute("aria-expanded", String(open));
  part.scroll.scrollTop = part.scroll.scrollHeight;
}

function press(key) {
  const button = part.keypad.querySelector(`[data-key="${key}"]`);
  if (!button || !call?.line) return;
  call.line.press(key);
  button.classList.add("down");
  setTimeout(() => button.classList.remove("down"), 160);
}

part.call.addEventListener("click", start);
part.hangup.addEventListener("click", hangUp);
part.mute.addEventListener("click", () => setMuted(!call?.line?.muted));
part.keys.addEventListener("click", () => toggleKeypad());
part.keypad.addEventListener("click", ({ target }) => press(target.closest("button")?.dataset.key));
document.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey }) => {
  if (call && !ctrlKey && !metaKey && !altKey && /^[0-9*#]$/.test(key)) press(key);
});
window.addEventListener("pagehide", () => call?.line?.hangUp());
