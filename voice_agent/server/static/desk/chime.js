// The sound of an incoming call: two soft notes, every few seconds. Browsers allow it once somebody has touched the page.

const NOTES_HZ = [587.33, 783.99];
const EVERY_MS = 2500;
const LOUDNESS = 0.08;
const KEPT_AS = "desk-sound";
const button = document.getElementById("sound");

let audio = null;
let ringing = 0;

function on() {
  return localStorage.getItem(KEPT_AS) !== "off";
}

function showSound() {
  button.setAttribute("aria-pressed", String(on()));
  button.title = on() ? "An incoming call is heard. Press for silence." : "Incoming calls are silent. Press to hear them.";
}

function play() {
  if (!on() || audio?.state !== "running") return;
  NOTES_HZ.forEach((hertz, index) => {
    const begin = audio.currentTime + index * 0.28;
    const note = new OscillatorNode(audio, { type: "sine", frequency: hertz });
    const loudness = new GainNode(audio, { gain: 0 });
    loudness.gain.setValueAtTime(0, begin);
    loudness.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.03);
    loudness.gain.exponentialRampToValueAtTime(0.0001, begin + 0.9);
    note.connect(loudness).connect(audio.destination);
    note.start(begin);
    note.stop(begin + 1);
  });
}

export function startChime() {
  if (ringing) return;
  play();
  ringing = setInterval(play, EVERY_MS);
}

export function stopChime() {
  clearInterval(ringing);
  ringing = 0;
}

button.addEventListener("click", () => {
  localStorage.setItem(KEPT_AS, on() ? "off" : "on");
  showSound();
});
for (const touch of ["pointerdown", "keydown"]) {
  document.addEventListener(
    touch,
    () => {
      audio ??= new AudioContext();
      audio.resume();
    },
    { capture: true },
  );
}
showSound();
