// Waiting times, the time of the call at hand, and the title of the page.

const LONG_WAIT_S = 120;
const FLASH = "☎ Incoming call";
const pageTitle = document.title;
const talk = { started: 0, running: false };

export function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  const short = `${minutes % 60}:${String(Math.floor(seconds) % 60).padStart(2, "0")}`;
  return minutes < 60 ? short : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function startTalkClock() {
  if (!talk.running) Object.assign(talk, { started: performance.now(), running: true });
}

export function stopTalkClock() {
  talk.running = false;
}

export function showClocks() {
  const now = performance.now();
  for (const shown of document.querySelectorAll("[data-waited]")) {
    shown.dataset.since ??= String(now - Number(shown.dataset.waited) * 1000);
    const seconds = (now - Number(shown.dataset.since)) / 1000;
    shown.textContent = clock(seconds);
    shown.classList.toggle("long", seconds > LONG_WAIT_S);
  }
  const time = document.getElementById("clock");
  if (time && talk.running) time.textContent = clock((now - talk.started) / 1000);
  showTitle(now);
}

function showTitle(now) {
  const waiting = Number(document.querySelector("[data-count]")?.dataset.count ?? 0);
  const rings = document.getElementById("incoming");
  if (rings && Math.floor(now / 1000) % 2 === 0) document.title = FLASH;
  else document.title = waiting ? `(${waiting}) ${pageTitle}` : pageTitle;
  const told = document.getElementById("waiting");
  const text = waiting === 1 ? "1 caller waiting" : `${waiting} callers waiting`;
  if (told.textContent !== text) told.textContent = text; // read out when it changes, and only then
}

setInterval(showClocks, 1000);
