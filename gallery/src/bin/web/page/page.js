// A conversation as the service streams it: a view, then updates of it. Everything that comes from the
// model is shown as text, never as markup.

const byId = (id) => document.getElementById(id);
const [conversation, composer, prompt] = ["conversation", "composer", "prompt"].map(byId);
const empty = conversation.firstElementChild;

let view = { turns: [], pending: [] };
let source;
/** The shown parts by key: each is built again only if it has changed. */
const shown = new Map();

async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  if (!response.ok) throw new Error(answer.error ?? response.statusText);
  return answer;
}

/** Does something on behalf of the person, who sees it if it fails. */
async function attempt(action) {
  byId("problem").hidden = true;
  try {
    await action();
    return true;
  } catch (error) {
    byId("problem").textContent = error.message;
    byId("problem").hidden = false;
    return false;
  }
}

// The address has the conversation, so that it can be reloaded and shared between tabs.
async function open() {
  source?.close();
  if (!location.hash.slice(1)) {
    const created = await attempt(async () => {
      const { id } = await post("threads", {});
      history.replaceState(null, "", `#${id}`);
    });
    if (!created) return;
  }
  source = new EventSource(`threads/${encodeURIComponent(location.hash.slice(1))}/events`);
  source.addEventListener("view", (event) => {
    view = JSON.parse(event.data);
    shown.clear();
    conversation.replaceChildren();
    paint();
  });
  source.addEventListener("update", (event) => {
    update(JSON.parse(event.data));
    paint();
  });
  source.addEventListener("failed", (event) => attempt(() => { throw new Error(event.data); }));
  // The browser connects again by itself, and then receives the whole view.
  source.onerror = () => state("disconnected");
}

function update({ turns, items, pending }) {
  view.pending = pending;
  for (const { id, status, error } of turns) {
    Object.assign(turnOf(id).turn, { status, error });
  }
  for (const { turnId, itemId, appended, item } of items) {
    const turn = turnOf(turnId);
    const place = turn.items.findIndex((it) => it.item.id === itemId);
    if (appended) {
      if (place >= 0) appended.forEach((piece) => append(turn.items[place].item, piece));
    } else if (!item) {
      if (place >= 0) turn.items.splice(place, 1);
    } else if (place >= 0) {
      turn.items[place] = item;
    } else {
      turn.items.push(item);
    }
  }
}

function turnOf(id) {
  const known = view.turns.find((it) => it.turn.id === id);
  if (known) return known;
  view.turns.push({ turn: { id, status: "inProgress" }, items: [] });
  return view.turns.at(-1);
}

function append(item, { field, text }) {
  if (field === "text") item.text += text;
  else if (field === "output") item.aggregatedOutput = (item.aggregatedOutput ?? "") + text;
  else if (field.summary !== undefined) {
    item.summary[field.summary] = (item.summary[field.summary] ?? "") + text;
  }
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** Puts the parts of the view on the page, in order. */
function paint() {
  const atEnd = innerHeight + scrollY >= document.body.scrollHeight - 40;
  const parts = [];
  for (const { turn, items } of view.turns) {
    for (const { item } of items) parts.push([`${turn.id}/${item.id}`, item, paintItem]);
    parts.push([turn.id, { status: turn.status, error: turn.error }, paintOutcome]);
  }
  for (const request of view.pending) parts.push([`?${request.id}`, request, paintApproval]);
  const nodes = parts.map(([key, value, make]) => {
    const json = JSON.stringify(value);
    if (shown.get(key)?.json !== json) shown.set(key, { json, node: make(value) });
    return shown.get(key).node;
  });
  if (nodes.length === 0) nodes.push(empty);
  nodes.forEach((node, place) => {
    const there = conversation.childNodes[place];
    if (there !== node) conversation.insertBefore(node, there ?? null);
  });
  while (conversation.childNodes.length > nodes.length) conversation.lastChild.remove();
  const running = view.turns.some((it) => it.turn.status === "inProgress");
  byId("stop").hidden = !running;
  state(view.pending.length ? "waiting" : running ? "running" : "ready");
  if (atEnd) scrollTo(0, document.body.scrollHeight);
}

const STATES = { ready: "ready", running: "working", waiting: "waiting for you", disconnected: "disconnected" };

function state(name) {
  byId("state").textContent = STATES[name];
  byId("state").dataset.state = name;
}

const STATUSES = { inProgress: "in progress" };
const status = (item) => STATUSES[item.status] ?? item.status;

function paintItem(item) {
  switch (item.type) {
    case "userMessage":
      return element("p", "item text user", item.content.map((it) => it.text ?? `[${it.type}]`).join("\n"));
    case "agentMessage":
      return element("p", "item text", item.text);
    case "reasoning":
      return element("p", "item text quiet-item", item.summary.join("\n"));
    case "commandExecution": {
      const exit = item.exitCode === null || item.exitCode === undefined ? "" : `, exit code ${item.exitCode}`;
      const card = element("div", "item card", element("code", "", item.command));
      if (item.aggregatedOutput) card.append(element("pre", "", item.aggregatedOutput));
      card.append(element("p", "facts", status(item) + exit));
      return card;
    }
    case "fileChange": {
      const card = element("div", "item card");
      for (const { kind, path, diff } of item.changes) {
        card.append(element("code", "", `${kind.type} ${path}`), lines(diff));
      }
      card.append(element("p", "facts", status(item)));
      return card;
    }
    default:
      return element("p", "item quiet-item", item.type);
  }
}

function lines(diff) {
  const made = diff.replace(/\n$/, "").split("\n").map((line) => {
    const kind = { "+": "added", "-": "removed" }[line[0]] ?? "";
    return element("span", kind, `${line}\n`);
  });
  return element("pre", "", ...made);
}

function paintOutcome({ status, error }) {
  const texts = { completed: "", inProgress: "" };
  const text = error ? `${status}: ${error.message}` : texts[status] ?? status;
  const outcome = element("p", `outcome ${status}`, text);
  outcome.hidden = !text;
  return outcome;
}

const QUESTIONS = {
  "item/commandExecution/requestApproval": "Run this command outside of the sandbox?",
  "item/fileChange/requestApproval": "Make these changes?",
  "item/permissions/requestApproval": "Grant these permissions?",
};
const DECISIONS = [
  ["accept", "Approve", ""],
  ["accept-for-session", "Always in this conversation", "quiet"],
  ["decline", "Decline", "quiet"],
];

function paintApproval({ id, method, params }) {
  const card = element("section", "item approval", element("p", "", QUESTIONS[method] ?? method));
  // A person decides about what is shown: the command, or the item above with its changes. Of anything
  // else, all of the request.
  const isShown = view.turns.some(({ items }) => items.some(({ item }) => item.id === params.itemId));
  const isChange = method === "item/fileChange/requestApproval" && isShown;
  const text = params.command ?? (isChange ? "" : JSON.stringify(params, null, 2));
  if (text) card.append(element("pre", "", text));
  for (const fact of [params.reason, params.cwd && `in ${params.cwd}`]) {
    if (fact) card.append(element("p", "facts", fact));
  }
  const buttons = DECISIONS.map(([decision, label, className]) => {
    const button = element("button", className, label);
    button.onclick = async () => {
      buttons.forEach((it) => (it.disabled = true));
      const decided = await attempt(() => post("approvals", { id, decision }));
      if (!decided) buttons.forEach((it) => (it.disabled = false));
    };
    return button;
  });
  card.append(element("div", "buttons", ...buttons));
  return card;
}

const path = (action) => `threads/${encodeURIComponent(location.hash.slice(1))}/${action}`;

composer.onsubmit = async (event) => {
  event.preventDefault();
  const text = prompt.value;
  prompt.value = "";
  if (!(await attempt(() => post(path("prompts"), { prompt: text })))) prompt.value = text;
  prompt.focus();
};
prompt.onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    composer.requestSubmit();
  }
};
byId("stop").onclick = () => attempt(() => post(path("interrupt"), {}));
byId("new").onclick = (event) => {
  event.preventDefault();
  history.pushState(null, "", location.pathname);
  open();
};
addEventListener("popstate", open);
open();
