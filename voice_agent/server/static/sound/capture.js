// AudioWorklet: the microphone at whatever rate → 20 ms packets of μ-law at 8 kHz, with their level.

import { encodeSample } from "./mulaw.js";
import { Resampler } from "./resample.js";

const PACKET = 160; // samples: 20 ms at 8 kHz
const RATE = 8000;

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, RATE);
    this.silence = new Float32Array(128);
    this.packet = new Uint8Array(PACKET);
    this.filled = 0;
    this.energy = 0;
  }

  process(inputs) {
    // A microphone that gives nothing is sent as silence: the stream's clock must not stand still.
    for (const sample of this.resampler.push(inputs[0][0] ?? this.silence)) {
      this.packet[this.filled++] = encodeSample(sample);
      this.energy += sample * sample;
      if (this.filled === PACKET) this.send();
    }
    return true;
  }

  send() {
    this.port.postMessage({ packet: this.packet, level: Math.sqrt(this.energy / PACKET) }, [this.packet.buffer]);
    this.packet = new Uint8Array(PACKET);
    this.filled = 0;
    this.energy = 0;
  }
}

registerProcessor("capture", Capture);
