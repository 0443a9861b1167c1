// The call at hand: accepting it, its sound, its conversation, its end and the wrap-up.

import { Line, openMicrophone } from "../sound/line.js";
import { Talk } from "../talk.js";
import { startTalkClock, stopTalkClock } from "./clocks.js";
import { allIsWell, complain } from "./notice.js";

const UNFINISHED = "desk-wrap-up";
const desk = document.querySelector(".desk");
const panel = document.getElementById("panel");
const nothingOpen = panel.innerHTML;

/** {id, mine, captions, line, over}; the microphone, opened before a call is accepted; and whether one is being accepted. */
let call = null;
let microphone = null;
let accepting = false;

// ---------------------------------------------------------------- accepting

// The microphone comes first: nobody shall take a call that they cannot speak on.
document.body.addEventListener("htmx:confirm", (event) => {
  if (event.target.id === "beat") return;
  const carrier = event.target.dataset.accept;
  const opensAnother = event.target.getAttribute("hx-target") === "#panel" && !panel.contains(event.target);
  allIsWell();
  if (opensAnother && call?.line && !call.over) {
    event.preventDefault();
    complain("You are on a call. Hang up first, then take the next one.");
    return;
  }
  if (!carrier) return;
  event.preventDefault();
  accept(event.target, carrier, event.detail.issueRequest);
});

async function accept(button, carrier, goOn) {
  accepting = true;
  try {
    if (carrier === "phone") microphone = await openMicrophone();
    if (!button.isConnected) throw new Error("It no longer rings for you.");
    goOn(true);
  } catch (error) {
    notAccepted(error.message);
  }
}

function notAccepted(why) {
  accepting = false;
  for (const track of microphone?.getTracks() ?? []) track.stop();
  microphone = null;
  if (why) complain(why);
}

// Not htmx's own events for errors: they do not come when the button is gone, because somebody else took the call.
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { requestPath } = detail.pathInfo;
  if (detail.successful) {
    if (requestPath.endsWith("/complete") && call && !call.line && !call.over) ended();
    return;
  }
  const { status } = detail.xhr;
  const why = status === 0 ? "The server cannot be reached." : `That did not work (${status}). Please try again.`;
  const said = status === 409 ? "" : why; // a refusal says why itself
  if (requestPath.endsWith("/accept")) notAccepted(said);
  else if (said && !requestPath.endsWith("/here")) complain(said); // that the link is broken is shown beside the list
});

/** The link to the server broke: what was under way may have happened or not. */
export function missedBeat() {
  accepting = false;
}

// ---------------------------------------------------------------- the panel

document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target === panel) opened();
});

panel.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.matches("[data-close]")) close();
  else if (button?.matches("[data-copy]")) copy(button);
});

panel.addEventListener("input", ({ target }) => target.matches("textarea") && fit(target));

function close() {
  panel.innerHTML = nothingOpen;
  opened();
}

function opened() {
  accepting = false;
  call?.captions?.close();
  call = null;
  stopTalkClock();
  allIsWell();
  const shown = document.getElementById("call");
  if (!shown) {
    sessionStorage.removeItem(UNFINISHED);
    return;
  }
  const list = document.getElementById("talk");
  const mine = shown.dataset.mine === "yes";
  call = { id: shown.dataset.call, mine, over: Boolean(panel.querySelector("#wrap-up:not([hidden])")) };
  const talk = new Talk(list, { caller: "Caller", agent: "Assistant", person: mine ? "You" : "Person" });
  call.captions = talk.follow(list.dataset.captions, showState);
  panel.querySelectorAll("textarea").forEach(fit);
  if (shown.dataset.token) connect(shown.dataset.call, shown.dataset.token);
  panel.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

/** What the server says of us: a call that was accepted elsewhere, by telephone, opens here; one that is over closes. */
export function onDuty() {
  const { call: theirs, state } = document.querySelector(".duty").dataset;
  if (theirs && theirs !== call?.id && !accepting) open(theirs);
  if (!call?.mine || call.line || call.over) return;
  if (theirs === call.id && state === "bridged") joined();
  else if (theirs !== call.id && document.querySelector(".presence.wrap-up")) ended();
  else if (theirs !== call.id && !accepting) left();
}

function open(id) {
  window.htmx.ajax("GET", `/desk/calls/${id}`, { target: "#panel", swap: "innerHTML" });
}

/** After a reload: a wrap-up that was begun is to be finished. */
export function reopen() {
  const id = sessionStorage.getItem(UNFINISHED);
  if (id) open(id);
}

// ---------------------------------------------------------------- its sound

async function connect(id, token) {
  const line = new Line({ path: `/desk/audio/${id}`, token, call: id, microphone, sound: new URL(desk.dataset.sound, location).href });
  microphone = null;
  call.line = line;
  line.addEventListener("closed", ({ detail }) => closed(detail));
  line.addEventListener("level", ({ detail }) => {
    if (detail.side === "there") panel.querySelector(".level")?.style.setProperty("--there", Math.min(1, Math.sqrt(detail.level) * 1.6).toFixed(2));
  });
  const hangUp = document.getElementById("hangup");
  hangUp.addEventListener("htmx:afterRequest", () => line.hangUp()); // told first: a line that merely breaks sends the caller back to wait
  document.getElementById("mute").addEventListener("click", ({ currentTarget }) => mute(line, currentTarget));
  try {
    await line.open();
  } catch (error) {
    closed({ code: 1006, reason: error.message, byUs: false });
  }
}

function mute(line, button) {
  line.muted = !line.muted;
  button.setAttribute("aria-pressed", String(line.muted));
  button.lastElementChild.textContent = line.muted ? "Unmute" : "Mute";
}

window.addEventListener("beforeunload", (event) => {
  if (call?.line && !call.over) event.preventDefault(); // the browser asks whether to leave
});

// ---------------------------------------------------------------- its states and its end

function showState({ state }) {
  if (state === "bridged" && call?.line && !call.over) joined();
}

function joined() {
  startTalkClock();
  say("With the caller", "accent");
  document.getElementById("phone-rings")?.remove();
  document.getElementById("give-back")?.setAttribute("hidden", "");
  document.getElementById("done")?.removeAttribute("hidden");
}

function say(text, kind) {
  const line = document.getElementById("line");
  if (!line) return;
  line.className = `badge ${kind}`;
  line.lastElementChild.textContent = text;
}

function closed({ code, reason, byUs }) {
  if (call?.over) return;
  if (byUs || code === 1000) return ended();
  complain(reason || "The audio connection was lost. The caller goes back to the queue, before others.");
  left();
}

/** The two have spoken. */
function ended() {
  finished("The call has ended");
  const form = document.getElementById("wrap-up");
  if (!form) return;
  sessionStorage.setItem(UNFINISHED, call.id);
  form.hidden = false;
  form.querySelector("h2").focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

/** The caller is with somebody else, or gone. */
function left() {
  finished("No longer with you");
  panel.querySelector("[data-close]")?.removeAttribute("hidden");
}

function finished(text) {
  call.over = true;
  stopTalkClock();
  say(text, "");
  for (const button of panel.querySelectorAll(".bar-actions > :not([data-close])")) button.hidden = true;
}

// ---------------------------------------------------------------- replies

/** As high as its text; most browsers do so by themselves. */
function fit(area) {
  if (CSS.supports("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

async function copy(button) {
  const area = button.parentElement.querySelector("textarea");
  const label = button.lastElementChild;
  try {
    await navigator.clipboard.writeText(area.value);
    label.textContent = "Copied";
  } catch {
    area.select();
    label.textContent = "Selected";
  }
  setTimeout(() => (label.textContent = "Copy"), 1600);
}
