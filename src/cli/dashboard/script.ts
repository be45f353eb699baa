/**
 * What the page runs. Every text from the store becomes text, never HTML. An election keeps its element, so that what
 * is open and what has the focus stays so.
 */
export const script = `
"use strict";
const list = document.querySelector("ul");
const summary = document.querySelector("[role=status]");
const store = document.querySelector("#store");
const alarm = document.querySelector("[role=alert]");
const items = new Map();

function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function itemOf(key) {
  const known = items.get(key);
  if (known) return known;
  const item = { root: make("li", "election"), leader: make("span", "leader"), token: make("div", "faint"), about: make("span", "faint"),
    lease: make("i"), line: make("span", "line"), more: make("ul"), count: -1 };
  const details = make("details");
  const head = make("summary");
  const who = make("span");
  who.append(item.leader, item.token);
  const rest = make("span");
  const bar = make("span", "lease");
  bar.style.display = "block";
  bar.title = "what the lease has left";
  bar.append(item.lease);
  rest.append(item.about, bar);
  item.line.title = "who has led since the dashboard was opened, and vacancies in red";
  item.line.setAttribute("aria-hidden", "true");
  head.append(make("span", "key", key), who, rest, item.line);
  const more = make("div", "more");
  more.append(item.more);
  details.append(head, more);
  item.root.append(details);
  items.set(key, item);
  const next = [...items.keys()].sort().indexOf(key);
  list.insertBefore(item.root, list.children[next] || null);
  return item;
}

function ago(from, to) {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  if (seconds < 60) return seconds + " s";
  if (seconds < 3600) return Math.floor(seconds / 60) + " min";
  if (seconds < 86400) return Math.floor(seconds / 3600) + " h";
  return Math.floor(seconds / 86400) + " d";
}

/** Leaders differ by the hue that follows from their name. */
function colour(nodeId) {
  let hue = 0;
  for (const character of nodeId) hue = (hue * 31 + character.codePointAt(0)) % 9973;
  return "hsl(" + (hue * 137 % 260 + 60) + " 55% 50%)"; // No red: that is a vacancy.
}

function drawLine(item, election, at) {
  const begun = Date.parse(election.changes[0]?.at ?? at);
  const whole = Math.max(1, Date.parse(at) - begun);
  item.line.replaceChildren(...election.changes.map((change, index) => {
    const until = Date.parse(election.changes[index + 1]?.at ?? at);
    const part = make("i", change.leader ? "" : "none");
    part.style.width = 100 * (until - Date.parse(change.at)) / whole + "%";
    if (change.leader) part.style.background = colour(change.leader.nodeId);
    return part;
  }));
}

function drawMore(item, election) {
  const last = election.changes.at(-1)?.at;
  if (item.count === last) return;
  item.count = last;
  item.more.replaceChildren(...[...election.changes].reverse().map(({ at, leader }) => {
    const entry = make("li", leader ? "" : "none");
    const time = make("time", "", new Date(at).toLocaleTimeString());
    time.dateTime = at;
    const what = leader ? leader.nodeId + " leads, token " + leader.token + (leader.metadata ? ", " + leader.metadata : "") : "no leader";
    entry.append(time, "  " + what);
    return entry;
  }));
}

function draw(report) {
  write(alarm, report.error ?? "");
  write(store, report.store + ", observed since " + new Date(report.openedAt).toLocaleTimeString());
  const vacant = report.elections.filter(({ leader }) => !leader).length;
  const count = report.elections.length;
  const sum = count === 0 ? "No elections" : count + (count === 1 ? " election" : " elections")
    + ", " + (vacant === 0 ? "each with a leader" : vacant + " without a leader");
  write(summary, sum);
  document.title = (vacant ? "(" + vacant + " vacant) " : "") + "Elections";
  for (const election of report.elections) {
    const item = itemOf(election.key);
    const { leader } = election;
    item.root.classList.toggle("vacant", !leader);
    write(item.leader, leader ? leader.nodeId : "no leader");
    write(item.token, leader ? "token " + leader.token : "");
    const since = leader ? leader.since : election.changes.at(-1)?.at ?? report.at;
    const left = leader && leader.expiresInMs !== null ? ", lease " + (leader.expiresInMs / 1000).toFixed(1) + " s" : "";
    write(item.about, "for " + ago(since, report.at) + left);
    item.longest = Math.max(item.longest ?? 1, leader?.expiresInMs ?? 0);
    item.lease.style.width = leader ? 100 * (leader.expiresInMs ?? item.longest) / item.longest + "%" : "0";
    drawLine(item, election, report.at);
    drawMore(item, election);
  }
}

async function look() {
  try {
    const response = await fetch("elections.json", { cache: "no-store" });
    draw(await response.json());
  } catch {
    write(alarm, "The dashboard does not answer. What you see is old.");
  }
  setTimeout(look, 1000);
}
look();
`;
