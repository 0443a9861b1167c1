// The desk: htmx keeps the queue and the brief fresh; here is what needs sound, a clock or a memory.

import { Line, openMicrophone } from "./sound/line.js";
import { Talk } from "./talk.js";

const LONG_WAIT_S = 120;
const desk = document.querySelector(".desk");
const panel = document.getElementById("panel");
const notice = document.getElementById("notice");
const pageTitle = document.title;
const nothingOpen = panel.innerHTML;

/** The call at hand: {line, captions, started}; and the microphone, opened before a call is accepted. */
let call = null;
let microphone = null;

// ---------------------------------------------------------------- what went wrong

function complain(text) {
  const made = document.createElement("div");
  made.className = "notice";
  made.textContent = text;
  notice.replaceChildren(made);
}

// ---------------------------------------------------------------- accepting

// The microphone comes first: nobody shall take a call that they cannot speak on.
document.body.addEventListener("htmx:confirm", (event) => {
  const carrier = event.target.dataset.accept;
  const opensAnother = event.target.getAttribute("hx-target") === "#panel" && !panel.contains(event.target);
  notice.replaceChildren();
  if (opensAnother && call?.line && !call.line.over) {
    event.preventDefault();
    complain("You are on a call. Hang up first, then take the next one.");
    return;
  }
  if (!carrier) return;
  event.preventDefault();
  accept(carrier, event.detail.issueRequest);
});

async function accept(carrier, goOn) {
  try {
    if (carrier === "phone") microphone = await openMicrophone();
    goOn(true);
  } catch (error) {
    complain(error.message);
  }
}

function releaseMicrophone() {
  for (const track of microphone?.getTracks() ?? []) track.stop();
  microphone = null;
}

document.body.addEventListener("htmx:responseError", ({ detail }) => {
  releaseMicrophone();
  if (detail.xhr.status !== 409) complain(`That did not work (${detail.xhr.status}). Please try again.`);
});
document.body.addEventListener("htmx:sendError", () => {
  releaseMicrophone();
  complain("The server cannot be reached.");
});

// ---------------------------------------------------------------- the call at hand

document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target === panel) opened();
  showWaits();
});

panel.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-close]")) return;
  panel.innerHTML = nothingOpen;
  opened();
});

function opened() {
  call?.captions?.close();
  call = null;
  notice.replaceChildren();
  const shown = document.getElementById("call");
  if (!shown) return;
  const talk = new Talk(document.getElementById("talk"), { caller: "Caller", agent: "Assistant", person: "You" });
  call = { captions: talk.follow(document.getElementById("talk").dataset.captions, showState) };
  if (shown.dataset.token) connect(shown.dataset.call, shown.dataset.token);
  panel.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

async function connect(id, token) {
  const line = new Line({ path: `/desk/audio/${id}`, token, call: id, microphone, sound: new URL(desk.dataset.sound, location).href });
  microphone = null;
  call.line = line;
  line.addEventListener("closed", ({ detail }) => closed(detail));
  line.addEventListener("level", ({ detail }) => {
    if (detail.side === "there") panel.querySelector(".level")?.style.setProperty("--there", Math.min(1, Math.sqrt(detail.level) * 1.6).toFixed(2));
  });
  document.getElementById("hangup").addEventListener("click", () => line.hangUp());
  document.getElementById("mute").addEventListener("click", ({ currentTarget }) => mute(line, currentTarget));
  try {
    await line.open();
  } catch (error) {
    complain(error.message);
    closed({ code: 1006, byUs: false });
  }
}

function mute(line, button) {
  line.muted = !line.muted;
  button.setAttribute("aria-pressed", String(line.muted));
  button.lastElementChild.textContent = line.muted ? "Unmute" : "Mute";
}

function showState({ state }) {
  if (state === "bridged" && call?.line) {
    call.started ??= performance.now();
    say("With the caller", "accent");
  } else if (state === "ended") {
    say("The call has ended", "");
  }
}

function say(text, kind) {
  const line = document.getElementById("line");
  if (!line) return;
  line.className = `badge ${kind}`;
  line.lastElementChild.textContent = text;
}

function closed({ code, reason, byUs }) {
  say("The call has ended", "");
  if (!byUs && code === 1006) complain("The audio connection was lost.");
  else if (!byUs && code !== 1000) complain(reason || "The audio connection was closed.");
  for (const id of ["mute", "hangup"]) document.getElementById(id)?.setAttribute("hidden", "");
  panel.querySelector(".level")?.setAttribute("hidden", "");
  const done = document.getElementById("done");
  done?.removeAttribute("hidden");
  done?.classList.add("primary");
  done?.focus();
  if (call) call.over = true;
}

window.addEventListener("pagehide", () => call?.line?.hangUp());

// ---------------------------------------------------------------- clocks, and the link to the server

function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  const short = `${minutes % 60}:${String(Math.floor(seconds) % 60).padStart(2, "0")}`;
  return minutes < 60 ? short : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function showWaits() {
  for (const shown of document.querySelectorAll("[data-waited]")) {
    shown.dataset.since ??= String(performance.now() - Number(shown.dataset.waited) * 1000);
    const seconds = (performance.now() - Number(shown.dataset.since)) / 1000;
    shown.textContent = clock(seconds);
    shown.classList.toggle("long", seconds > LONG_WAIT_S && !shown.closest(".accepted"));
  }
  const time = document.getElementById("clock");
  if (time && call?.started && !call.over) time.textContent = clock((performance.now() - call.started) / 1000);
  const waiting = Number(document.querySelector("[data-count]")?.dataset.count ?? 0);
  document.title = waiting ? `(${waiting}) ${pageTitle}` : pageTitle;
  const told = document.getElementById("waiting");
  const text = waiting === 1 ? "1 caller waiting" : `${waiting} callers waiting`;
  if (told.textContent !== text) told.textContent = text; // read out when it changes, and only then
}

function showLink(text, kind) {
  const link = document.getElementById("link");
  link.className = `badge ${kind}`;
  link.lastElementChild.textContent = text;
}

document.body.addEventListener("htmx:sseOpen", () => showLink("Live", "accent"));
document.body.addEventListener("htmx:sseError", () => showLink("Reconnecting…", "warn"));
document.body.addEventListener("htmx:sseMessage", showWaits);
setInterval(showWaits, 1000);
