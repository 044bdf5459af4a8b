// Keeps the list of mails current: asks for the page every two seconds while it is looked at, and puts the new list in
// place where something has changed. A list that is the same is left alone, so that focus and selection stay.
"use strict";

const pause = 2000;
const news = document.getElementById("news");
const clear = document.getElementById("clear");

// Screen readers read out what is set, so the same is not set twice.
function tell(text) {
  if (news.textContent !== text) {
    news.textContent = text;
  }
}

async function refresh() {
  const answer = await fetch("/mailbox", { headers: { Accept: "text/html" } });
  if (!answer.ok) {
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.getElementById("mails");
  const now = document.getElementById("mails");
  if (!next || next.dataset.newest === now.dataset.newest) {
    return;
  }
  const focused = now.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  now.replaceWith(next);
  if (focused) {
    next.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
  const subject = next.querySelector(".subject");
  tell(subject ? `New mail: ${subject.textContent}` : "The mailbox is empty.");
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

clear.hidden = false;
clear.addEventListener("click", async () => {
  await fetch("/mailbox", { method: "DELETE" });
  await refresh();
});
setTimeout(loop, pause);
