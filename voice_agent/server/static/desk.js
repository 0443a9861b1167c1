// The desk: htmx keeps its parts fresh from the server's events; here is what needs sound, a clock, a key or a memory.

import { missedBeat, onDuty, reopen } from "./desk/call.js";
import { showClocks } from "./desk/clocks.js";
import { onRing } from "./desk/ring.js";

function showLink(text, kind) {
  const link = document.getElementById("link");
  link.className = `badge ${kind}`;
  link.lastElementChild.textContent = text;
}

const changed = { ring: onRing, duty: onDuty };

document.body.addEventListener("htmx:sseOpen", () => showLink("Live", "accent"));
document.body.addEventListener("htmx:sseError", () => {
  showLink("Reconnecting…", "warn");
  missedBeat();
});
document.body.addEventListener("htmx:sseMessage", ({ target }) => {
  changed[target.id]?.();
  showClocks();
});
reopen();
