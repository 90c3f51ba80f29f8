"use strict";
// Shows how far a question is, and refuses a file that is too large before it is sent. Everything else works without.

const watched = document.querySelector("[data-watch]");

async function look() {
  const answer = await fetch(watched.dataset.watch, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  const state = await answer.json();
  if (state.over) {
    window.location.reload();
    return;
  }
  const step = document.getElementById("step");
  const progress = document.getElementById("progress");
  const counted = state.total ? ` (${state.done.toLocaleString("en")} of ${state.total.toLocaleString("en")})` : "";
  const text = (state.what || state.state) + counted;
  if (step.textContent !== text) step.textContent = text;
  if (state.total) {
    progress.max = state.total;
    progress.value = state.done;
  }
  window.setTimeout(watch, 250);
}

function watch() {
  look().catch(() => {
    document.getElementById("step").textContent = "The server does not answer any more; start it again.";
  });
}

if (watched) watch();

for (const form of document.querySelectorAll("form[data-most-bytes]")) {
  form.addEventListener("submit", (event) => {
    const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
    const size = files.reduce((sum, file) => sum + file.size, 0);
    if (size <= Number(form.dataset.mostBytes)) return;
    event.preventDefault();
    const told = document.createElement("p");
    told.className = "problem";
    told.setAttribute("role", "alert");
    told.textContent = `These files have ${Math.ceil(size / 1048576).toLocaleString("en")} megabytes, which is more than this page takes.`;
    form.prepend(told);
    told.scrollIntoView();
  });
}
