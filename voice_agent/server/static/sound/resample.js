// Streaming change of sample rate by a polyphase windowed-sinc filter.
//
// The telephone band ends at 4 kHz. Whatever lies above folds back into it as noise that recognisers stumble over,
// so the low-pass must be a real one: a Kaiser window with 70 dB of rejection, passing 3.4 kHz, stopping by 4.4 kHz.

const PASS_HZ = 3400;
const STOP_HZ = 4400;
const BETA = 6.76; // Kaiser's for 70 dB

function greatestCommonDivisor(a, b) {
  return b ? greatestCommonDivisor(b, a % b) : a;
}

function bessel0(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-10 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** For each of `up` phases, the taps over the latest input samples, oldest first. */
function polyphase(up, from) {
  const rate = from * up;
  const half = Math.ceil((70 - 8) / (2.285 * 2 * Math.PI * (STOP_HZ - PASS_HZ) / rate) / 2);
  const length = Math.ceil((2 * half + 1) / up);
  const cutoff = (PASS_HZ + STOP_HZ) / rate; // of the rate's Nyquist
  return Array.from({ length: up }, (_, phase) => {
    const taps = Float32Array.from({ length }, (_, k) => {
      const n = (length - 1 - k) * up + phase - half;
      if (Math.abs(n) > half) return 0;
      const sinc = n === 0 ? 1 : Math.sin(Math.PI * cutoff * n) / (Math.PI * cutoff * n);
      return sinc * bessel0(BETA * Math.sqrt(1 - (n / half) ** 2));
    });
    const gain = taps.reduce((sum, tap) => sum + tap, 0);
    return taps.map((tap) => tap / gain);
  });
}

export class Resampler {
  /** Rates in Hz; one of the two is the telephone's 8000. */
  constructor(from, to) {
    const divisor = greatestCommonDivisor(from, to);
    this.up = to / divisor;
    this.down = from / divisor;
    this.phases = polyphase(this.up, from);
    this.length = this.phases[0].length;
    this.history = new Float32Array(this.length - 1);
    this.position = 0; // of the next output, in steps of 1/(from × up), from the first sample not yet in the history
  }

  /** The samples that follow from these. A few are held back until their neighbours are known. */
  push(samples) {
    const input = new Float32Array(this.history.length + samples.length);
    input.set(this.history);
    input.set(samples, this.history.length);
    const end = samples.length * this.up;
    const output = new Float32Array(Math.max(0, Math.ceil((end - this.position) / this.down)));
    for (let i = 0; i < output.length; i++) {
      const first = Math.floor(this.position / this.up);
      const taps = this.phases[this.position % this.up];
      let sum = 0;
      for (let k = 0; k < this.length; k++) sum += taps[k] * input[first + k];
      output[i] = sum;
      this.position += this.down;
    }
    this.position -= end;
    this.history = input.slice(input.length - this.history.length);
    return output;
  }
}
