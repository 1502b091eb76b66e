// The page's data: flows, their ticks and discarded segments, totals. All times are the proxy's, in milliseconds.

import { millis } from "./format.js";

const TICKS_KEPT = 600;
const DISCARDS_KEPT = 400;
const CLOSED_KEPT = 6_000;
const NAMES_KEPT = 12;
const LEGS = ["client", "upstream"];

/** An estimate of the proxy's clock; in a recording it may run faster, and it stops at the end. */
export class Clock {
  constructor() {
    this.set(Date.now(), 1);
  }

  set(at, speed) {
    this.base = at;
    this.speed = speed;
    this.since = performance.now();
  }

  now() {
    return this.base + (performance.now() - this.since) * this.speed;
  }

  /** Moves the clock forward to a time from a message that took less time to arrive than the one that set it. */
  atLeast(at) {
    if (this.speed > 0 && at > this.now()) {
      this.set(at, this.speed);
    }
  }

  stop() {
    this.set(this.now(), 0);
  }
}

export class Flow {
  constructor(id) {
    this.id = id;
    this.label = null;
    this.description = null;
    this.name = null;
    this.what = "";
    this.state = "live";
    this.openedAt = null;
    this.client = null;
    this.upstream = null;
    this.expiresAt = null;
    this.activeAt = null;
    this.expiry = null;
    this.closed = null;
    this.ticks = [];
    this.marks = [];
    /** Periods during which the flow was expired; the last may have no end. */
    this.holes = [];
    this.discards = [];
    this.discarded = { client: 0, upstream: 0 };
    this.discardedBefore = 0;
    this.counters = null;
    this.dataAt = -Infinity;
    this.changedAt = -Infinity;
  }

  get hasExpired() {
    return this.state === "blackholed" || this.state === "tombstone";
  }

  /** Its label, without the part shown on the card of its name, or what the proxy knows of it. */
  get shortLabel() {
    return this.name === null ? (this.label ?? this.description ?? "") : `${this.name}: ${this.what}`;
  }

  /** The number of its discarded segments, including those before it was healed. */
  get discardedInAll() {
    return this.discardedBefore + this.discarded.client + this.discarded.upstream;
  }

  get isKnown() {
    return this.state === "live" || this.state === "half-closed";
  }

  expire(at, cause, onExpiry) {
    if (this.expiry !== null) {
      return;
    }
    this.expiry = { at, cause, onExpiry, numbers: { client: new Map(), upstream: new Map() } };
    this.expiresAt = null;
    this.holes.push({ from: at, to: null });
    this.marks.push({ at, kind: "expired", text: cause === "idle" ? "expired" : `expired: ${cause}` });
  }

  heal(at) {
    if (this.expiry === null) {
      return;
    }
    this.expiry = null;
    this.discardedBefore = this.discardedInAll;
    this.discarded = { client: 0, upstream: 0 };
    this.holes[this.holes.length - 1].to = at;
    this.marks.push({ at, kind: "healed", text: "healed" });
  }

  discard(leg, number, sinceExpiry) {
    const numbers = this.expiry.numbers[leg];
    if (numbers.has(number)) {
      return;
    }
    const at = this.expiry.at + sinceExpiry;
    const before = numbers.get(number - 1);
    const entry = { leg, number, at, gap: before ? at - before.at : null };
    numbers.set(number, entry);
    const after = numbers.get(number + 1);
    if (after) {
      after.gap = after.at - at;
    }
    this.discards.push(entry);
    if (this.discards.length > DISCARDS_KEPT) {
      this.discards.shift();
    }
    this.discarded[leg] = Math.max(this.discarded[leg], number);
  }

  tick(at, leg, kind) {
    this.ticks.push({ at: Math.max(at, this.openedAt ?? at), leg, kind });
    if (this.ticks.length > TICKS_KEPT) {
      this.ticks.shift();
    }
  }

  /** The discarded segments since the last expiry, of the leg that has more of them. */
  schedule() {
    if (this.expiry === null) {
      return [];
    }
    const { client, upstream } = this.expiry.numbers;
    return [...(client.size >= upstream.size ? client : upstream).values()].sort((a, b) => a.number - b.number);
  }
}

/** The status of a name, from labels of the form "name: what, more". It outlives its flows. */
class Named {
  constructor(name) {
    this.name = name;
    this.what = "";
    this.more = "";
    this.saidAt = 0;
    /** Totals of flows that are no longer kept. */
    this.past = { flows: 0, expired: 0, discarded: 0 };
  }

  drop(flow) {
    add(this.past, flow);
  }

  status(flows) {
    const own = [...flows].filter((flow) => flow.name === this.name);
    const sums = { ...this.past };
    own.forEach((flow) => add(sums, flow));
    const open = own.filter((flow) => flow.closed === null);
    const state = open.some((flow) => flow.hasExpired) ? "blackholed" : open.length > 0 ? "live" : "closed";
    return { name: this.name, what: this.what, more: this.more, state, ...sums };
  }
}

function add(sums, flow) {
  sums.flows++;
  sums.expired += flow.holes.length > 0 ? 1 : 0;
  sums.discarded += flow.discardedInAll;
}

export class Model {
  constructor(clock) {
    this.clock = clock;
    this.clear();
  }

  clear() {
    this.flows = new Map();
    this.names = new Map();
    this.totals = { opened: 0, expired: 0, discarded: 0 };
    this.states = {};
    this.middlebox = null;
    this.outage = false;
  }

  flow(id) {
    let flow = this.flows.get(id);
    if (!flow) {
      flow = new Flow(id);
      this.flows.set(id, flow);
    }
    return flow;
  }

  /** @returns whether the flow table changed in a way that the next poll should show soon */
  event(event) {
    const at = Date.parse(event.at);
    this.clock.atLeast(at);
    switch (event.type) {
      case "flow-opened": {
        this.totals.opened++;
        const flow = this.changed(event.flowId, "live");
        flow.openedAt ??= at;
        flow.client ??= event.client;
        flow.upstream ??= event.upstream;
        return true;
      }
      case "flow-expired": {
        this.totals.expired++;
        this.changed(event.flowId, "blackholed").expire(at, event.cause, event.onExpiry);
        return true;
      }
      case "flow-healed":
        this.changed(event.flowId, "live").heal(at);
        return true;
      case "segment-discarded": {
        this.totals.discarded++;
        const flow = this.changed(event.flowId, "blackholed");
        const since = event.sinceExpiryMillis;
        flow.expire(at - since, "idle", "drop");
        flow.discard(event.leg, event.number, since);
        return false;
      }
      case "reset-sent":
        this.flow(event.flowId).marks.push({ at, kind: "reset", text: `RST to ${event.leg}` });
        return false;
      case "flow-labelled":
        this.label(this.flow(event.flowId), event.label);
        return false;
      case "flow-closed": {
        const flow = this.changed(event.flowId, "closed");
        flow.closed = { at, by: event.by, how: event.how };
        flow.expiresAt = null;
        flow.marks.push({ at, kind: "closed", text: event.how === "finished" ? "closed" : event.how });
        return true;
      }
      case "middlebox-changed":
        this.middlebox = event.middlebox;
        return true;
      case "outage-changed":
        this.outage = event.on;
        return true;
      default:
        return false;
    }
  }

  label(flow, label) {
    flow.changedAt = performance.now();
    flow.label = label;
    const [, name = null, what, more = ""] = /^(.+?): (.+?)(?:, (.+))?$/.exec(label ?? "") ?? [];
    const before = flow.name;
    flow.name = name;
    flow.what = what;
    if (before !== name && ![...this.flows.values()].some((other) => other.name === before && other.closed === null)) {
      this.names.delete(before);
    }
    if (name !== null) {
      const named = this.names.get(name) ?? new Named(name);
      this.names.set(name, named);
      named.what = what;
      named.more = more;
      named.saidAt = flow.changedAt;
      if (this.names.size > NAMES_KEPT) {
        const [oldest] = [...this.names.values()].sort((a, b) => a.saidAt - b.saidAt);
        this.names.delete(oldest.name);
      }
    }
  }

  /** The status of each name, in their order. */
  named() {
    return [...this.names.values()]
      .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
      .map((named) => named.status(this.flows.values()));
  }

  changed(id, state) {
    const flow = this.flow(id);
    flow.state = state;
    flow.changedAt = performance.now();
    return flow;
  }

  /**
   * Takes what the flow table says.
   *
   * @param asked when it was asked for, by performance.now()
   * @returns the flows, in the order of the answer
   */
  page(page, asked) {
    this.states = page.states;
    const now = this.clock.now();
    return page.flows.map((view) => {
      const flow = this.flow(view.id);
      this.update(flow, view, now, flow.changedAt < asked);
      return flow;
    });
  }

  update(flow, view, now, isNewer) {
    flow.openedAt = Date.parse(view.openedAt);
    flow.client = view.client.peer ?? flow.client;
    flow.upstream = view.upstream.peer ?? flow.upstream;
    this.addTicks(flow, view, now);
    if (!isNewer) {
      // An event said more since this answer was asked for.
      return;
    }
    flow.state = view.state;
    flow.description = view.description;
    if (view.label !== flow.label) {
      this.label(flow, view.label);
    }
    if (view.expiry === null) {
      flow.heal(now);
      flow.expiresAt = view.toExpiryMillis === null ? null : now + view.toExpiryMillis;
    } else {
      flow.expire(now - view.expiry.agoMillis, view.expiry.cause, view.expiry.onExpiry);
      for (const leg of LEGS) {
        const times = view[leg].discardedAfterMillis;
        const first = view[leg].segmentsDiscarded - times.length + 1;
        times.forEach((after, i) => flow.discard(leg, first + i, after));
        flow.discarded[leg] = Math.max(flow.discarded[leg], view[leg].segmentsDiscarded);
      }
    }
  }

  /** Detects data and keepalive probes from the counters' changes since the last poll. */
  addTicks(flow, view, now) {
    const counters = {
      bytes: { client: view.client.bytesReceived, upstream: view.upstream.bytesReceived },
      segments: { client: view.client.segmentsReceived, upstream: view.upstream.segmentsReceived },
    };
    const activeAt = now - view.idleMillis;
    let before = flow.counters;
    flow.counters = counters;
    flow.activeAt = activeAt;
    if (before === null) {
      if (now - flow.openedAt > 2_000) {
        return;
      }
      before = { bytes: { client: 0, upstream: 0 }, segments: { client: 0, upstream: 0 } };
      flow.dataAt = flow.openedAt;
    }
    const withData = LEGS.filter((leg) => counters.bytes[leg] > before.bytes[leg]);
    if (withData.length > 0) {
      const at = flow.hasExpired ? now : activeAt;
      withData.forEach((leg) => flow.tick(at, leg, "data"));
      flow.dataAt = at;
      return;
    }
    if (view.expiry !== null) {
      return;
    }
    const refreshes = this.middlebox === null || this.middlebox.keepaliveRefreshes;
    const at = refreshes ? activeAt : now;
    if (at - flow.dataAt < this.acknowledgementWindow()) {
      return;
    }
    LEGS.filter((leg) => counters.segments[leg] > before.segments[leg]).forEach((leg) => flow.tick(at, leg, "probe"));
  }

  /** A segment without data so soon after data is an acknowledgement of it; the idle clock dates it by its tick. */
  acknowledgementWindow() {
    const timeout = this.middlebox === null ? 0 : millis(this.middlebox.idleTimeout) || 0;
    return 300 + timeout / 50;
  }

  /** Drops closed flows that have faded. */
  sweep(isShown) {
    const now = this.clock.now();
    for (const flow of this.flows.values()) {
      if (flow.closed !== null && now - flow.closed.at > CLOSED_KEPT) {
        this.flows.delete(flow.id);
        this.names.get(flow.name)?.drop(flow);
      } else if (!isShown(flow)) {
        flow.counters = null;
      }
    }
  }

  /** Drops flows that are not shown, as their state is unknown after missed events. */
  dropOthers(isShown) {
    for (const flow of this.flows.values()) {
      if (!isShown(flow)) {
        this.flows.delete(flow.id);
      }
    }
  }

  /** How far a closed flow has faded, from 0 to 1. */
  faded(flow) {
    return flow.closed === null ? 0 : Math.min(1, Math.max(0, (this.clock.now() - flow.closed.at) / CLOSED_KEPT));
  }
}
