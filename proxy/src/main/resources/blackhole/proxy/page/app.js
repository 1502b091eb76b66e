// The live page: one event stream, one poll of the visible lanes, one drawing loop.

import { Api, EventStream, Problem } from "./api.js";
import { count, element, millis, setText } from "./format.js";
import { Lanes } from "./lanes.js";
import { EventLog } from "./log.js";
import { Clock, Model } from "./model.js";
import { Names } from "./names.js";
import { Settings } from "./settings.js";
import { Palette, drawLegend } from "./timeline.js";

const PAGE_SIZE = 20;
const POLL = 300;
const POLL_HIDDEN = 2_000;
const POLL_SOON = 60;
const $ = (id) => document.getElementById(id);

const api = new Api(askForToken);
const model = new Model(new Clock());
const palette = new Palette();
const lanes = new Lanes($("list"), palette, model, act);
const log = new EventLog($("log"), $("log-count"), $("log-kind"), $("log-query"));
const names = new Names($("names"));
const settings = new Settings($("settings"), api, announce);
let run = null;
let isConnected = false;
let missedSome = false;
let offset = 0;
let total = 0;
let pollTimer = 0;
let isPolling = false;

model.timeout = () => (model.middlebox === null ? 0 : millis(model.middlebox.idleTimeout) || 0);
model.usualSpan = () => (model.timeout() <= 5_000 ? 20_000 : model.timeout() <= 30_000 ? 60_000 : 300_000);
model.replay = false;

// Events.

const stream = new EventStream(api, {
  event(event) {
    if (event.type === "hello") {
      hello(event);
      return;
    }
    if (event.type === "replay-ended") {
      model.clock.stop();
      setText($("replay-text"), "Recording ended");
      return;
    }
    if (event.type === "missed") {
      missedSome = true;
      model.dropOthers((flow) => lanes.isShown(flow));
    }
    log.add(event);
    if (model.event(event)) {
      pollSoon();
    }
    if (event.type === "middlebox-changed") {
      settings.show(model.middlebox);
      drawAxis();
    } else if (event.type === "outage-changed") {
      showOutage();
    }
  },
  disconnected(why) {
    isConnected = false;
    model.clock.stop();
    document.body.dataset.connected = "false";
    $("connection").dataset.state = "lost";
    setText($("connection-text"), "Not connected");
    $("broken").hidden = false;
    setText($("broken"), `Not connected: ${why}.${run === null ? "" : " The page shows old data."} Reconnecting…`);
  },
});

function hello(event) {
  if (run !== null && run !== event.run) {
    log.add({ type: "note", at: new Date().toISOString(), text: model.replay ? "the recording plays again" : "the proxy was restarted" });
    model.clear();
    lanes.arrange([]);
    offset = 0;
    missedSome = false;
  }
  if (run !== event.run) {
    missedSome ||= event.oldest > 1;
  }
  run = event.run;
  isConnected = true;
  model.replay = Boolean(event.replay);
  model.clock.set(event.at ? Date.parse(event.at) : Date.now(), event.replay ? event.replay.speed : 1);
  model.middlebox = event.middlebox;
  model.outage = event.outage;
  document.body.dataset.connected = "true";
  $("connection").dataset.state = "connected";
  setText($("connection-text"), "Connected");
  $("broken").hidden = true;
  $("replay").hidden = !model.replay;
  setText($("replay-text"), model.replay && event.replay.speed !== 1 ? `Recording, ${event.replay.speed}×` : "Recording");
  settings.setReplay(model.replay);
  settings.show(model.middlebox);
  showOutage();
  drawAxis();
  showRoutes();
  settings.loadProfiles().catch((failure) => announce(failure.message));
  pollSoon();
}

async function showRoutes() {
  try {
    const { routes } = await api.json("GET", "routes");
    setText($("routes"), routes.map((route) => `${route.listen} → ${route.upstream ?? "nothing"}`).join("   "));
  } catch {
    // The event stream reports the lost connection.
  }
}

function showOutage() {
  settings.showOutage(model.outage);
  document.body.dataset.outage = String(model.outage);
}

// The flow table.

function pollSoon() {
  schedule(POLL_SOON);
}

function schedule(pause) {
  if (isPolling) {
    return;
  }
  const due = performance.now() + pause;
  if (pollTimer !== 0 && schedule.due <= due) {
    return;
  }
  clearTimeout(pollTimer);
  schedule.due = due;
  pollTimer = setTimeout(poll, pause);
}

async function poll() {
  pollTimer = 0;
  isPolling = true;
  try {
    if (isConnected) {
      await pollOnce();
    }
  } catch (failure) {
    if (failure instanceof Problem) {
      announce(failure.message);
    }
  } finally {
    isPolling = false;
    schedule(document.hidden ? POLL_HIDDEN : POLL);
  }
}

async function pollOnce() {
  const asked = performance.now();
  const askedRun = run;
  const parameters = new URLSearchParams({ sort: $("sort").value, limit: PAGE_SIZE, offset });
  if ($("query").value.trim() !== "") {
    parameters.set("query", $("query").value.trim());
  }
  if ($("state").value !== "") {
    parameters.set("state", $("state").value);
  }
  const page = await api.json("GET", `flows?${parameters}`);
  if (askedRun !== run || !isConnected) {
    return;
  }
  showFailure(page.backgroundFailure);
  total = page.total;
  if (offset >= total && offset > 0) {
    offset = Math.max(0, Math.floor((total - 1) / PAGE_SIZE) * PAGE_SIZE);
    pollSoon();
    return;
  }
  const flows = model.page(page, asked);
  model.sweep((flow) => lanes.isShown(flow) || flows.includes(flow));
  lanes.arrange($("sort").value === "interest" ? calm(flows) : flows);
  showPages();
}

function showFailure(failure) {
  $("failure").hidden = failure === null;
  if (failure !== null) {
    const more = failure.count > 1 ? ` (${count(failure.count)} failures so far)` : "";
    setText($("failure"), `Background task failed: ${failure.task}: ${failure.error}${more}. Results can't be trusted; see the proxy log.`);
  }
}

/** Sorts by interest, but within each group by number, so that small changes don't move lanes. */
function calm(flows) {
  const now = model.clock.now();
  const rank = (flow) => {
    if (flow.state === "blackholed") {
      return 0;
    }
    if (flow.isKnown) {
      return flow.expiresAt !== null && flow.expiresAt - now < model.timeout() * 0.35 ? 1 : 2;
    }
    return flow.state === "connecting" ? 3 : 4;
  };
  return flows
    .map((flow) => [rank(flow), flow])
    .sort(([one, a], [other, b]) => one - other || a.id - b.id)
    .map(([, flow]) => flow);
}

function showPages() {
  const first = total === 0 ? 0 : offset + 1;
  const last = Math.min(total, offset + PAGE_SIZE);
  setText($("pages"), total > PAGE_SIZE ? `${count(first)}–${count(last)} of ${count(total)}` : `${total} ${total === 1 ? "flow" : "flows"}`);
  $("previous").disabled = offset === 0;
  $("next").disabled = offset + PAGE_SIZE >= total;
  $("empty").hidden = lanes.order.length > 0;
  setText($("empty"), $("query").value || $("state").value ? "No matching flows." : "No flows yet. Connect a client to the proxy.");
}

function turnPage(by) {
  const wanted = offset + by * PAGE_SIZE;
  if (wanted >= 0 && wanted < total) {
    offset = wanted;
    pollSoon();
  }
}

// Totals.

const TOTALS = [
  ["live", "live", "live"],
  ["blackholed", "blackholed", "blackholed"],
  ["tombstone", "tombstones", "tombstone"],
  ["opened", "opened in total", "connecting"],
  ["expired", "expired in total", "expired"],
  ["discarded", "segments discarded", "discard"],
].map(([key, text, state]) => {
  const value = element("dd", { "data-total": key, text: "0" });
  $("totals").append(element("div", { "data-state": state }, element("dt", {}, element("span", { class: "shape" }), text), value));
  return [key, value];
});

function showTotals() {
  const states = model.states;
  const numbers = {
    live: (states.live ?? 0) + (states["half-closed"] ?? 0) + (states.connecting ?? 0),
    blackholed: states.blackholed ?? 0,
    tombstone: states.tombstone ?? 0,
    ...model.totals,
  };
  for (const [key, value] of TOTALS) {
    const atLeast = missedSome && key in model.totals ? "≥ " : "";
    setText(value, atLeast + count(numbers[key]));
  }
}

function showSums() {
  showTotals();
  names.show(model.named());
}

// User actions.

async function act(lane, action) {
  lane.problem.hidden = true;
  try {
    await api.json("POST", `flows/${lane.flow.id}/${action}`);
    pollSoon();
  } catch (failure) {
    setText(lane.problem, failure instanceof Problem ? failure.message : "The proxy can't be reached.");
    lane.problem.hidden = false;
    setTimeout(() => {
      lane.problem.hidden = true;
    }, 6_000);
  }
}

function announce(text) {
  setText($("announce"), "");
  setText($("announce"), text);
}

function askForToken(isWrong) {
  const dialog = $("token-dialog");
  setText($("token-problem"), "Wrong token.");
  $("token-problem").hidden = !isWrong;
  if (!dialog.open) {
    $("token").value = "";
    dialog.showModal();
  }
  return new Promise((resolve) => {
    dialog.addEventListener("close", resolve, { once: true });
  });
}

$("token-dialog").addEventListener("cancel", (event) => event.preventDefault());
$("token-form").addEventListener("submit", () => api.setToken($("token").value.trim()));
$("replay-again").addEventListener("click", () => {
  api.json("POST", "replay/restart").catch((failure) => announce(failure.message));
});

for (const id of ["query", "state", "sort"]) {
  $(id).addEventListener(id === "query" ? "input" : "change", () => {
    offset = 0;
    pollSoon();
  });
}
$("window").addEventListener("change", () => {
  lanes.chosenSpan = $("window").value === "auto" ? 0 : Number($("window").value);
  drawAxis();
});
$("previous").addEventListener("click", () => turnPage(-1));
$("next").addEventListener("click", () => turnPage(1));
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea, dialog");
  if (isTyping || event.ctrlKey || event.altKey || event.metaKey) {
    return;
  }
  if (event.key === "/") {
    $("query").focus();
    event.preventDefault();
  } else if (event.key === "ArrowDown" && !event.target.closest(".lane, #log")) {
    const first = $("list").querySelector(".lane");
    if (first) {
      first.focus();
      event.preventDefault();
    }
  } else if (event.key === "PageDown" && total > PAGE_SIZE) {
    turnPage(1);
    event.preventDefault();
  } else if (event.key === "PageUp" && total > PAGE_SIZE) {
    turnPage(-1);
    event.preventDefault();
  }
});
document.addEventListener("visibilitychange", pollSoon);

// Appearance.

function drawAxis() {
  const span = lanes.span();
  const parts = [1, 0.75, 0.5, 0.25];
  const text = (ms) => (ms < 60_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 6_000) / 10} min`);
  $("axis").replaceChildren(...parts.map((part) => element("span", { text: `−${text(span * part)}` })), element("span", { class: "now", text: "now" }));
}

function readTheme() {
  palette.read();
  drawLegend($("legend"), palette);
}
new ResizeObserver(readTheme).observe($("legend"));

const THEMES = ["system", "light", "dark"];
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("blackhole-theme", theme);
  setText($("theme"), `Theme: ${theme}`);
  readTheme();
}
$("theme").addEventListener("click", () => {
  const now = document.documentElement.dataset.theme;
  setTheme(THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readTheme);

const stored = localStorage.getItem("blackhole-theme");
setTheme(THEMES.includes(stored) ? stored : "system");
drawAxis();
showSums();
setInterval(showSums, 200);
schedule(0);
stream.run();

function frame(time) {
  lanes.frame(time);
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);
