// Keeps a page current: asks for it every second while it is looked at, and puts its live part in place where that has another
// version. A part that is the same is left alone, so that focus and selection stay.
"use strict";

const pause = 1000;
const news = document.getElementById("news");
const clear = document.getElementById("clear");

// Screen readers read out what is set, so the same is not set twice.
function tell(text) {
  if (news.textContent !== text) {
    news.textContent = text;
  }
}

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) {
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.querySelector("[data-live]");
  const now = document.querySelector("[data-live]");
  if (!next || !now || next.dataset.version === now.dataset.version) {
    return;
  }
  const focused = now.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  now.replaceWith(next);
  if (focused) {
    next.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
  if (clear) {
    const subject = next.querySelector(".subject");
    tell(subject ? `New mail: ${subject.textContent}` : "The mailbox is empty.");
  } else {
    tell("This page has changed.");
  }
}

async function loop() {
  if (!document.hidden) {
    try {
      await refresh();
    } catch {
      tell("The local tenant does not answer.");
    }
  }
  setTimeout(loop, pause);
}

if (clear) {
  clear.hidden = false;
  clear.addEventListener("click", async () => {
    await fetch("/mailbox", { method: "DELETE" });
    await refresh();
  });
}

// A choice shows at once; without this script the button does it.
for (const select of document.querySelectorAll("form.chooser select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
setTimeout(loop, pause);
