// The lines of a conversation as they come, for the phone page and the desk.
//
// Text is never read as markup; a piece of personal data that was taken out ("<CARD>") shows as a small label.
// Sentences of one speaker that follow each other share a bubble.

const HIDDEN = /<([A-Z_]+?)(?:_\d+)?>/;

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function words(text) {
  return text.split(HIDDEN).map((part, index) => {
    if (index % 2 === 0) return part;
    const label = element("span", "hidden-data", part.toLowerCase().replaceAll("_", " "));
    label.title = "Personal data, left out";
    return label;
  });
}

function source({ title, source: name, heading, updated, passage }) {
  const quote = element("blockquote", "", ...words(passage), element("cite", "", name));
  if (heading) quote.prepend(element("strong", "", heading.replaceAll(" > ", " › ")));
  if (updated) quote.append(element("time", "", `Updated ${updated}`));
  const made = element("details", "", element("summary", "", title || name), quote);
  made.dataset.place = `${name} ${heading}`;
  made.addEventListener("toggle", () => made.open && made.scrollIntoView({ block: "nearest" }));
  return made;
}

export class Talk {
  /** @param {HTMLElement} list  @param {Record<string, string>} names of caller, agent and person */
  constructor(list, names) {
    this.list = list;
    this.names = names;
    this.clear();
  }

  clear() {
    this.list.replaceChildren();
    this.now = []; // sentences the agent is saying or about to; of each that is heard, `said` tells
  }

  /** Follows the captions at `url` (see server/captions.py); `told` gets the states. Returns the source, to be closed. */
  follow(url, told) {
    const source = new EventSource(url);
    source.addEventListener("open", () => this.clear()); // everything is told again after a break
    source.addEventListener("state", ({ data }) => {
      const change = JSON.parse(data);
      if (change.state !== "speaking" && change.state !== "waiting") this.hush();
      told(change);
    });
    source.addEventListener("saying", ({ data }) => this.saying(JSON.parse(data)));
    source.addEventListener("said", ({ data }) => this.said(JSON.parse(data)));
    source.addEventListener("end", () => {
      this.hush();
      source.close();
    });
    return source;
  }

  /** The agent begins a sentence. */
  saying({ text }) {
    const line = element("span", "line now", ...words(text));
    this.now.push(line);
    this.scrolled(() => this.add(line, "agent"));
  }

  said(line) {
    const made = element("span", `line ${line.interrupted ? "interrupted" : ""}`, ...words(line.text));
    if (line.interrupted) made.title = "Cut short: this is what was heard";
    this.scrolled(() => {
      if (line.speaker === "caller") this.hush();
      if (line.revised) this.take(line.speaker);
      // Sentences are heard in order: what was announced before this one will not be heard any more.
      const heard = this.now.findIndex((now) => now.textContent.startsWith(made.textContent));
      const still = this.now.slice(heard + 1);
      this.hush();
      const turn = this.add(made, line.speaker);
      for (const citation of line.citations) this.cite(turn, citation);
      for (const now of still) this.add(now, "agent");
      this.now = still;
    });
  }

  /** What was being said is not to be heard any more. */
  hush() {
    for (const line of this.now) this.remove(line);
    this.now = [];
  }

  add(line, speaker) {
    let turn = this.list.lastElementChild;
    if (!turn?.classList.contains(speaker)) {
      turn = element("div", `turn ${speaker}`, element("span", "who", this.names[speaker]), element("div", "bubble"));
      this.list.append(turn);
    }
    turn.querySelector(".bubble").append(line, " ");
    return turn;
  }

  take(speaker) {
    const lines = this.list.querySelectorAll(`.turn.${speaker} .line:not(.now)`);
    if (lines.length) this.remove(lines[lines.length - 1]);
  }

  remove(line) {
    const turn = line.closest(".turn");
    line.nextSibling?.remove(); // the space behind it
    line.remove();
    if (turn && !turn.querySelector(".line")) turn.remove();
  }

  cite(turn, citation) {
    let sources = turn.querySelector(".sources");
    if (!sources) turn.append((sources = element("div", "sources")));
    const made = source(citation);
    if (![...sources.children].some((shown) => shown.dataset.place === made.dataset.place)) sources.append(made);
  }

  /** Changes the list, and stays at its end if the reader was there. */
  scrolled(change) {
    const box = this.list.parentElement;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    change();
    if (atEnd) box.scrollTop = box.scrollHeight;
  }
}
