// What went wrong, where everybody sees it; read out at once.

const notice = document.getElementById("notice");

export function complain(text) {
  const made = document.createElement("div");
  made.className = "notice";
  made.textContent = text;
  notice.replaceChildren(made);
}

export function allIsWell() {
  notice.replaceChildren();
}
