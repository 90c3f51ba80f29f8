"use strict";
// Shows how far a question is, and says what a form lacks, and of files that are too large, before they are sent.
// Everything else works without.

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

function used(control) {
  if (control.type === "file") return control.files.length > 0;
  if (control.type === "checkbox") return control.checked;
  if (control.tagName === "SELECT") return control.selectedOptions.length > 0;
  return control.value.trim() !== "";
}

function complaint(form) {
  for (const part of form.querySelectorAll("fieldset[data-what]")) {
    const ways = [...part.querySelectorAll("input, select, textarea")].filter(used).length;
    if (ways === 0) return [part, `Say which ${part.dataset.what} you mean.`];
    if (ways > 1) return [part, `Say in one way only which ${part.dataset.what} you mean, and leave the others empty.`];
  }
  const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size <= Number(form.dataset.mostBytes)) return null;
  return [form, `These files have ${Math.ceil(size / 1048576).toLocaleString("en")} megabytes, which is more than this page takes.`];
}

for (const form of document.querySelectorAll("form[data-most-bytes]")) {
  form.addEventListener("submit", (event) => {
    form.querySelectorAll(".told").forEach((old) => old.remove());
    const found = complaint(form);
    if (!found) return;
    event.preventDefault();
    const told = document.createElement("p");
    told.className = "problem told";
    told.setAttribute("role", "alert");
    told.textContent = found[1];
    found[0].prepend(told);
    told.scrollIntoView({ block: "center" });
  });
}
