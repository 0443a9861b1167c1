// An incoming call: the seconds left, the two keys, the focus, the sound.

import { startChime, stopChime } from "./chime.js";

const STEP_MS = 250;
const announced = document.getElementById("announced");

/** What rings now: {until, of}; and where the focus was before. */
let rings = null;
let before = null;
let counting = 0;

function editable(element) {
  return Boolean(element?.closest("input, textarea, select, [contenteditable]"));
}

/** The server has told what rings, if anything does. */
export function onRing() {
  const card = document.getElementById("incoming");
  if (!card) return stopped();
  rings = { until: performance.now() + Number(card.dataset.left) * 1000, of: Number(card.dataset.of) * 1000 };
  announced.textContent = `Incoming call: ${card.querySelector("h2").textContent} Press A to accept, D to decline.`;
  counting ||= setInterval(count, STEP_MS);
  count();
  startChime();
  takeFocus(card);
}

function stopped() {
  if (!rings) return;
  rings = null;
  clearInterval(counting);
  counting = 0;
  stopChime();
  announced.textContent = "";
  if (document.activeElement === document.body && before?.isConnected) before.focus({ preventScroll: true });
  before = null;
}

function count() {
  const card = document.getElementById("incoming");
  if (!card || !rings) return;
  const left = Math.max(0, rings.until - performance.now());
  document.getElementById("seconds-left").textContent = String(Math.ceil(left / 1000));
  card.querySelector(".left").style.strokeDashoffset = String(100 - (100 * left) / rings.of);
  card.classList.toggle("hurry", left < 5000);
}

/** To the card and not to its button: a key that was meant for something else accepts nothing. */
function takeFocus(card) {
  const focused = document.activeElement;
  if (editable(focused) || card.contains(focused)) return;
  before ??= focused === document.body ? null : focused;
  card.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

document.addEventListener("keydown", ({ key, target, ctrlKey, metaKey, altKey, repeat }) => {
  if (!rings || ctrlKey || metaKey || altKey || repeat || editable(target)) return;
  const button = { a: "accept", d: "decline" }[key.toLowerCase()];
  if (button) document.getElementById(button)?.click();
});
