// One telephone line in the browser: the microphone and the loudspeaker at this end, a media websocket at the other.
//
// It speaks the carrier's protocol (Twilio Media Streams), from the carrier's side: connected, start, media, mark,
// dtmf and stop go out; media, mark and clear come in. The phone page and the desk both use it.

const PACKET_MS = 20;
const SILENCE = btoa("\xff".repeat(160));

/** Something a person can mend; `message` says how. */
export class LineError extends Error {}

/** Asks for the microphone. Noise suppression is off: it makes recognition worse. */
export async function openMicrophone() {
  if (!navigator.mediaDevices) {
    throw new LineError("Browsers give the microphone only to secure pages: open this page under localhost or https.");
  }
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: false, autoGainControl: true, channelCount: 1 },
    });
  } catch (error) {
    throw new LineError(whyNoMicrophone(error));
  }
}

function whyNoMicrophone(error) {
  switch (error.name) {
    case "NotAllowedError":
      return "The browser may not use your microphone. Allow it in the address bar (the icon beside the address), then try again.";
    case "NotFoundError":
      return "No microphone was found. Plug one in, or choose one in your system's sound settings, then try again.";
    case "NotReadableError":
      return "The microphone is in use by another program, or was switched off. Close the other program, then try again.";
    default:
      return `The microphone cannot be used (${error.name}).`;
  }
}

function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/**
 * Events: "level" ({side: "here" | "there", level: 0..1}) and, once, "closed" ({code, reason, byUs}).
 */
export class Line extends EventTarget {
  /** @param {{path: string, token: string, call: string, microphone: MediaStream, sound: string}} options
   *  `path` of the websocket, one-use `token`, id of the `call`, `sound`: where the worklets lie. */
  constructor(options) {
    super();
    this.options = options;
    this.muted = false;
    this.stream = `BR${crypto.randomUUID().replaceAll("-", "")}`;
    this.sequence = 0;
    this.chunk = 0;
    this.over = false;
    this.connectedOnce = false;
  }

  async open() {
    this.audio = new AudioContext({ latencyHint: "interactive" });
    const { sound } = this.options;
    await this.audio.audioWorklet.addModule(`${sound}/capture.js`);
    await this.audio.audioWorklet.addModule(`${sound}/playback.js`);
    await this.audio.resume();
    if (this.over) return; // hung up already
    this.wireSound();
    await this.connect();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}${this.options.path}`);
    this.socket.onmessage = ({ data }) => this.receive(JSON.parse(data));
    this.socket.onclose = ({ code, reason }) => this.end({ code, reason, byUs: false });
    return new Promise((resolve, reject) => {
      this.socket.onopen = () => resolve(this.introduce());
      this.socket.onerror = () => (this.over ? resolve() : reject(new LineError("The server cannot be reached. Is it still running?")));
    });
  }

  introduce() {
    this.connectedOnce = true;
    const { call, token } = this.options;
    this.socket.send(JSON.stringify({ event: "connected", protocol: "Call", version: "1.0.0" }));
    this.send("start", {
      start: {
        streamSid: this.stream,
        accountSid: "browser",
        callSid: call,
        tracks: ["inbound"],
        customParameters: { token },
        mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
      },
    });
  }

  wireSound() {
    const options = { channelCount: 1, channelCountMode: "explicit", numberOfOutputs: 1, outputChannelCount: [1] };
    this.playback = new AudioWorkletNode(this.audio, "playback", { ...options, numberOfInputs: 0 });
    this.playback.port.onmessage = ({ data }) => this.played(data);
    this.playback.connect(this.audio.destination);
    this.capture = new AudioWorkletNode(this.audio, "capture", options);
    this.capture.port.onmessage = ({ data }) => this.captured(data);
    this.audio.createMediaStreamSource(this.options.microphone).connect(this.capture);
    this.capture.connect(this.audio.destination); // silent; some browsers run only what is connected
  }

  get connected() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  send(event, body) {
    if (!this.connected) return;
    this.socket.send(JSON.stringify({ event, sequenceNumber: String(++this.sequence), streamSid: this.stream, ...body }));
  }

  captured({ packet, level }) {
    if (!this.connected) return;
    const chunk = ++this.chunk;
    const timestamp = String((chunk - 1) * PACKET_MS);
    const payload = this.muted ? SILENCE : base64(packet);
    this.send("media", { media: { track: "inbound", chunk: String(chunk), timestamp, payload } });
    this.tell("level", { side: "here", level: this.muted ? 0 : level });
  }

  played({ mark, level }) {
    if (mark !== undefined) this.send("mark", { mark: { name: mark } });
    else this.tell("level", { side: "there", level });
  }

  receive(message) {
    if (message.event === "media") {
      this.playback.port.postMessage({ packet: bytes(message.media.payload) });
    } else if (message.event === "mark") {
      this.playback.port.postMessage({ mark: message.mark.name });
    } else if (message.event === "clear") {
      this.playback.port.postMessage({ clear: true });
    }
  }

  press(digit) {
    this.send("dtmf", { dtmf: { track: "inbound_track", digit } });
  }

  hangUp() {
    this.send("stop", { stop: { accountSid: "browser", callSid: this.options.call } });
    this.end({ code: 1000, reason: "", byUs: true });
  }

  end(detail) {
    if (this.over) return;
    this.over = true;
    this.socket?.close(1000);
    this.audio?.close();
    for (const track of this.options.microphone.getTracks()) track.stop();
    this.tell("closed", detail);
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
