// Shows the rows of a recording, which are decoded by codex-types.

import init, { decode } from "./recording_viewer.js";

const byId = (id) => document.getElementById(id);
let rows = [];

const module = new URL("recording_viewer_bg.wasm", import.meta.url);
await init({ module_or_path: module }).catch((error) => {
  byId("count").textContent = `codex-types cannot be loaded: ${error.message}`;
  throw error;
});
byId("file").onchange = async ({ target }) => show(await target.files[0].text());
byId("filter").oninput = paint;
const example = await fetch("example.jsonl");
if (example.ok) show(await example.text());
else byId("count").textContent = "choose a recording";

function show(recording) {
  const begin = performance.now();
  rows = JSON.parse(decode(recording));
  byId("count").dataset.took = `${(performance.now() - begin).toFixed(1)} ms`;
  const text = rows.map((row) => row.text ?? "").join("");
  byId("text").textContent = text;
  byId("text").hidden = !text;
  paint();
}

function paint() {
  const wanted = byId("filter").value.trim().toLowerCase();
  const found = rows.filter((row) => JSON.stringify(row).toLowerCase().includes(wanted));
  byId("rows").replaceChildren(...found.map(tableRow));
  const problems = rows.filter((row) => row.problem).length;
  const took = byId("count").dataset.took;
  byId("count").textContent = `${found.length} of ${rows.length} messages, ${problems} malformed, decoded in ${took}`;
}

function tableRow(row) {
  const made = document.createElement("tr");
  made.className = row.from ?? "";
  for (const text of [row.at_ms ?? "", row.from ?? "", row.kind]) {
    made.insertCell().textContent = text;
  }
  const cell = made.insertCell();
  const name = [row.method ?? "", row.text === null ? "" : JSON.stringify(row.text)].join(" ").trim();
  if (row.detail) {
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    const pre = document.createElement("pre");
    summary.textContent = name;
    pre.textContent = row.detail;
    details.append(summary, pre);
    cell.append(details);
  } else {
    cell.append(name);
  }
  if (row.problem) {
    const problem = document.createElement("p");
    problem.className = "problem";
    problem.textContent = row.problem;
    cell.append(problem);
  }
  return made;
}
