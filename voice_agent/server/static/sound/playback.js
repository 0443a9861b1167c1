// AudioWorklet: μ-law packets and marks in order → sound; each mark is told when the sound before it has been played.
//
// After a pause, playing starts when a little has gathered (the jitter buffer), or when a mark shows that a
// short sentence is complete. A clear drops everything and tells the marks that were pending, as carriers do.

import { decode } from "./mulaw.js";
import { Resampler } from "./resample.js";

const GATHER_S = 0.06;
const RATE = 8000;
const LEVEL_EVERY = 20; // blocks of 128 samples

class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(RATE, sampleRate);
    this.queue = []; // {samples} and {mark}, in order
    this.offset = 0; // into the first samples of the queue
    this.buffered = 0; // samples in the queue
    this.playing = false;
    this.energy = 0;
    this.blocks = 0;
    this.port.onmessage = ({ data }) => this.receive(data);
  }

  receive({ packet, mark, clear }) {
    if (packet) {
      const samples = this.resampler.push(decode(packet));
      this.queue.push({ samples });
      this.buffered += samples.length;
      if (this.buffered >= GATHER_S * sampleRate) this.playing = true;
    } else if (mark !== undefined) {
      this.queue.push({ mark });
      this.playing = true;
    } else if (clear) {
      const marks = this.queue.filter((item) => item.mark !== undefined);
      this.queue = [];
      this.offset = this.buffered = 0;
      this.playing = false;
      for (const item of marks) this.port.postMessage({ mark: item.mark });
    }
  }

  process(_inputs, outputs) {
    const output = outputs[0][0];
    if (this.playing) this.play(output);
    this.measure(output);
    return true;
  }

  play(output) {
    let at = 0;
    while (this.queue.length) {
      const item = this.queue[0];
      if (item.mark !== undefined) {
        this.port.postMessage({ mark: item.mark });
      } else {
        const count = Math.min(item.samples.length - this.offset, output.length - at);
        output.set(item.samples.subarray(this.offset, this.offset + count), at);
        at += count;
        this.offset += count;
        this.buffered -= count;
        if (this.offset < item.samples.length) return;
      }
      this.queue.shift();
      this.offset = 0;
    }
    this.playing = false;
  }

  measure(output) {
    for (const sample of output) this.energy += sample * sample;
    if (++this.blocks < LEVEL_EVERY) return;
    this.port.postMessage({ level: Math.sqrt(this.energy / (LEVEL_EVERY * output.length)) });
    this.energy = this.blocks = 0;
  }
}

registerProcessor("playback", Playback);
