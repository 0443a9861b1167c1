// ITU-T G.711 μ-law, as carriers send it: one byte a sample, 8000 samples a second.

const BIAS = 0x84;
const CLIP = 32635;

/** One sample, -1 to 1, as a μ-law byte. */
export function encodeSample(sample) {
  let value = Math.round(Math.max(-1, Math.min(1, sample)) * 32767);
  const sign = value < 0 ? 0x80 : 0;
  value = Math.min(Math.abs(value), CLIP) + BIAS;
  const exponent = 31 - Math.clz32(value) - 7;
  const mantissa = (value >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

const DECODED = Float32Array.from({ length: 256 }, (_, byte) => {
  const bits = ~byte & 0xff;
  const exponent = (bits >> 4) & 0x07;
  const magnitude = (((bits & 0x0f) << 3) + BIAS << exponent) - BIAS;
  return (bits & 0x80 ? -magnitude : magnitude) / 32768;
});

/** μ-law bytes as samples, -1 to 1. */
export function decode(bytes) {
  const samples = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) samples[i] = DECODED[bytes[i]];
  return samples;
}
