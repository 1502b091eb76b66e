// The event log: newest first, filtered by kind and text.

import { clock, count, element, measured, millis, setText } from "./format.js";

const KEPT = 5_000;
const SHOWN = 150;
const KINDS = {
  "flow-opened": "life",
  "upstream-unreachable": "life",
  "flow-closed": "life",
  "flow-labelled": "life",
  "flow-expired": "expiry",
  "flow-healed": "expiry",
  "reset-sent": "expiry",
  "segment-discarded": "discard",
  "middlebox-changed": "settings",
  "outage-changed": "settings",
};

export function describe(event) {
  switch (event.type) {
    case "flow-opened":
      return `opened, ${event.client} → ${event.description ?? event.upstream ?? "no upstream"}`;
    case "upstream-unreachable":
      return `upstream ${event.upstream} unreachable: ${event.reason}`;
    case "flow-expired":
      return `expired (${event.cause}) after ${measured(event.idleMillis)} idle, on expiry ${event.onExpiry}${event.description ? `: ${event.description}` : ""}`;
    case "flow-healed":
      return `healed ${measured(event.afterExpiryMillis)} after expiry`;
    case "reset-sent":
      return `RST sent to the ${event.leg}`;
    case "segment-discarded":
      return `${event.leg} segment ${event.number} discarded${event.gapMillis === null ? "" : `, gap ${measured(event.gapMillis)}`}`;
    case "flow-labelled":
      return event.label === null ? "label removed" : `labelled ${event.label}`;
    case "flow-closed":
      return `closed by ${event.by} (${event.how}) after ${measured(event.ageMillis)}, ${count(event.bytesFromClient)} bytes up, ${count(event.bytesFromUpstream)} down`;
    case "middlebox-changed":
      return `settings: idle timeout ${event.middlebox.idleTimeout}, on expiry ${event.middlebox.onExpiry}`;
    case "outage-changed":
      return event.on ? "outage started" : "outage ended";
    case "missed":
      return `${count(event.count)} events missed: they came faster than this page could read`;
    case "note":
      return event.text;
    default:
      return event.type;
  }
}

export class EventLog {
  constructor(list, counter, kind, query) {
    this.list = list;
    this.counter = counter;
    this.kind = kind;
    this.query = query;
    this.entries = [];
    this.fresh = [];
    this.matching = 0;
    kind.addEventListener("change", () => this.rebuild());
    query.addEventListener("input", () => this.rebuild());
    setInterval(() => this.flush(), 200);
  }

  add(event) {
    const who = event.flowId === undefined ? "" : `#${event.flowId}`;
    const text = describe(event);
    const entry = {
      kind: KINDS[event.type] ?? "",
      type: event.type,
      time: event.at === undefined ? "" : clock(Date.parse(event.at)),
      who,
      text,
      searched: `${who} ${event.type} ${text}`.toLowerCase(),
    };
    this.entries.push(entry);
    this.fresh.push(entry);
  }

  matches(entry) {
    const words = this.query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const isOfFlow = (word) => /^#\d+$/.test(word);
    return (
      (this.kind.value === "" || entry.kind === this.kind.value || entry.type === "note" || entry.type === "missed") &&
      words.every((word) => (isOfFlow(word) ? entry.who === word : entry.searched.includes(word)))
    );
  }

  flush() {
    if (this.fresh.length === 0) {
      return;
    }
    const fresh = this.fresh.filter((entry) => this.matches(entry));
    this.fresh = [];
    if (this.entries.length > KEPT) {
      this.entries.splice(0, this.entries.length - KEPT);
    }
    this.matching += fresh.length;
    this.list.prepend(...fresh.slice(-SHOWN).reverse().map(line));
    while (this.list.childElementCount > SHOWN) {
      this.list.lastElementChild.remove();
    }
    this.showCount();
  }

  rebuild() {
    this.fresh = [];
    const matching = this.entries.filter((entry) => this.matches(entry));
    this.matching = matching.length;
    this.list.replaceChildren(...matching.slice(-SHOWN).reverse().map(line));
    this.showCount();
  }

  showCount() {
    const shown = this.list.childElementCount;
    const all = Math.min(this.matching, KEPT);
    setText(this.counter, shown < all ? `newest ${shown} of ${count(all)}` : `${shown} ${shown === 1 ? "event" : "events"}`);
  }
}

function line(entry) {
  return element(
    "li",
    { "data-type": entry.type, "data-kind": entry.kind },
    element("time", { text: entry.time }),
    element("span", { class: "who", text: entry.who }),
    element("span", { class: "what", text: entry.text }),
  );
}
