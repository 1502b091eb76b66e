// The list of lanes: one element per flow of the current page, and one loop that draws the visible ones.

import { element, measured, running, setText } from "./format.js";
import { Timeline } from "./timeline.js";

const FRAME = 33;
const TEXT = 100;
const GAPS_SHOWN = 10;
const STATE_TEXT = {
  connecting: "CONNECTING",
  live: "LIVE",
  "half-closed": "HALF-CLOSED",
  blackholed: "BLACKHOLED",
  tombstone: "TOMBSTONE",
  closed: "CLOSED",
};
const ACTIONS = [
  ["expire", "Expire", "f"],
  ["heal", "Heal", "h"],
  ["reset", "Reset", "r"],
];

class Lane {
  constructor(flow, lanes) {
    this.flow = flow;
    this.shape = element("span", { class: "shape" });
    this.state = element("span", { class: "state" });
    this.number = element("span", { class: "flow-number", text: `#${flow.id}` });
    this.label = element("span", { class: "label" });
    this.client = element("span");
    this.upstream = element("span");
    this.value = element("span", { class: "value" });
    this.caption = element("span", { class: "caption" });
    this.bar = element("span", { class: "bar-fill" });
    this.gaps = element("p", { class: "gaps" });
    this.canvas = element("canvas", { class: "timeline", "aria-hidden": "true" });
    this.problem = element("p", { class: "problem", role: "alert", hidden: "" });
    this.buttons = ACTIONS.map(([action, text]) => {
      const button = element("button", { type: "button", "data-action": action, text });
      button.addEventListener("click", () => lanes.act(this, action));
      return button;
    });
    this.root = element(
      "li",
      { class: "lane", "data-flow": String(flow.id), tabindex: "0" },
      element(
        "div",
        { class: "who" },
        element("p", { class: "title" }, this.shape, this.state, this.number, this.label),
        element("p", { class: "legs" }, this.client, element("span", { class: "arrow", text: " → " }), this.upstream),
      ),
      element("div", { class: "time" }, this.canvas, this.gaps),
      element(
        "div",
        { class: "clock" },
        element("p", { class: "count" }, this.value, this.caption),
        element("div", { class: "bar" }, this.bar),
      ),
      element("div", { class: "actions" }, ...this.buttons, this.problem),
    );
    this.timeline = new Timeline(this.canvas, lanes.palette);
    this.inSight = true;
  }

  /** Everything but the canvas. */
  show(now, model) {
    const { flow } = this;
    const timeout = model.timeout();
    const left = flow.isKnown && flow.expiresAt !== null ? flow.expiresAt - now : null;
    const isSoon = left !== null && left < timeout * 0.35;
    if (this.root.dataset.state !== flow.state) {
      this.root.dataset.state = flow.state;
      setText(this.state, STATE_TEXT[flow.state] || flow.state);
      const enabled = { expire: flow.isKnown, heal: flow.hasExpired, reset: flow.closed === null };
      this.buttons.forEach((button) => {
        button.disabled = model.replay || !enabled[button.dataset.action];
      });
    }
    this.root.dataset.soon = String(isSoon);
    setText(this.label, flow.shortLabel);
    this.label.title = flow.label ?? flow.description ?? "";
    setText(this.client, flow.client || "not connected");
    setText(this.upstream, flow.upstream || "no upstream");
    this.showClock(now, left, timeout);
    this.showGaps();
  }

  showClock(now, left, timeout) {
    const { flow } = this;
    let value = "";
    let caption = "";
    let share = 0;
    if (flow.closed !== null) {
      value = "closed";
      caption = flow.closed.how === "finished" ? `by ${flow.closed.by}` : `${flow.closed.how}, by ${flow.closed.by}`;
    } else if (flow.hasExpired && flow.expiry !== null) {
      value = running(now - flow.expiry.at);
      caption = "since expired";
    } else if (left !== null) {
      value = running(left);
      caption = "until expired";
      share = timeout > 0 ? Math.min(1, Math.max(0, left / timeout)) : 0;
    } else if (flow.state === "connecting") {
      value = "…";
      caption = "connecting";
    } else {
      value = "–";
      caption = "never expired";
    }
    setText(this.value, value);
    setText(this.caption, caption);
    this.bar.style.transform = `scaleX(${share.toFixed(3)})`;
  }

  showGaps() {
    const { flow } = this;
    const schedule = flow.schedule();
    const total = flow.discarded.client + flow.discarded.upstream;
    const key = `${flow.expiry === null}-${total}-${schedule.length}`;
    if (this.gapsKey === key) {
      return;
    }
    this.gapsKey = key;
    if (total === 0) {
      this.gaps.replaceChildren();
      return;
    }
    const gaps = schedule.filter((discard) => discard.gap !== null).slice(-GAPS_SHOWN);
    const list = element(
      "span",
      { class: "gap-list" },
      ...gaps.map((discard) =>
        element("span", { class: "gap", "data-gap": String(Math.round(discard.gap)), text: `${measured(discard.gap)} ` }),
      ),
    );
    this.gaps.replaceChildren(
      element("strong", { text: String(total), class: "discarded" }),
      gaps.length === 0 ? "discarded" : "discarded, gaps",
      list,
    );
    while (list.childElementCount > 1 && list.scrollWidth > list.clientWidth) {
      // There isn't room for all of them; show the latest.
      list.firstElementChild.remove();
    }
  }

  draw(now, span) {
    this.timeline.draw(this.flow, now, span);
  }
}

export class Lanes {
  constructor(list, palette, model, act) {
    this.list = list;
    this.palette = palette;
    this.model = model;
    this.act = act;
    this.byId = new Map();
    this.order = [];
    this.lastFrame = 0;
    this.lastText = 0;
    this.visible = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const lane = this.byId.get(Number(entry.target.dataset.flow));
        if (lane) {
          lane.inSight = entry.isIntersecting;
        }
      }
    });
    this.sizes = new ResizeObserver((entries) => {
      for (const entry of entries) {
        const lane = this.byId.get(Number(entry.target.closest(".lane")?.dataset.flow));
        if (lane) {
          lane.gapsKey = null;
        }
        lane?.timeline.resize(Math.floor(entry.contentRect.width), Math.floor(entry.contentRect.height));
      }
    });
    list.addEventListener("keydown", (event) => this.key(event));
  }

  isShown(flow) {
    return this.byId.has(flow.id);
  }

  /** Shows these flows in this order; closed ones stay until they have faded. */
  arrange(flows) {
    const wanted = new Set(flows);
    const order = [...flows];
    this.order.forEach((flow, i) => {
      if (flow.closed !== null && !wanted.has(flow) && this.model.faded(flow) < 1 && this.model.flows.has(flow.id)) {
        order.splice(Math.min(i, order.length), 0, flow);
      }
    });
    const ids = new Set(order.map((flow) => flow.id));
    for (const [id, lane] of this.byId) {
      if (!ids.has(id) || this.model.flows.get(id) !== lane.flow) {
        this.visible.unobserve(lane.root);
        this.sizes.unobserve(lane.canvas);
        lane.root.remove();
        this.byId.delete(id);
      }
    }
    this.list.dataset.size = order.length <= 5 ? "few" : "many";
    let previous = null;
    for (const flow of order) {
      const lane = this.byId.get(flow.id) || this.add(flow);
      const place = previous === null ? this.list.firstChild : previous.nextSibling;
      if (lane.root !== place) {
        this.move(lane.root, place);
      }
      previous = lane.root;
    }
    this.order = order;
    this.lastText = 0;
  }

  /** Moving an element would take the focus from it. */
  move(root, place) {
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    this.list.insertBefore(root, place);
    focused?.focus({ preventScroll: true });
  }

  add(flow) {
    const lane = new Lane(flow, this);
    this.byId.set(flow.id, lane);
    this.visible.observe(lane.root);
    this.sizes.observe(lane.canvas);
    return lane;
  }

  span() {
    return this.chosenSpan || this.model.usualSpan();
  }

  frame(time) {
    if (time - this.lastFrame < FRAME - 4) {
      return;
    }
    this.lastFrame = time;
    const now = this.model.clock.now();
    const withText = time - this.lastText >= TEXT;
    if (withText) {
      this.lastText = time;
    }
    for (const flow of this.order) {
      const lane = this.byId.get(flow.id);
      if (!lane) {
        continue;
      }
      if (withText) {
        lane.show(now, this.model);
        lane.root.style.opacity = String(1 - 0.75 * this.model.faded(flow));
      }
      if (lane.inSight) {
        lane.draw(now, this.span());
      }
    }
  }

  key(event) {
    const root = event.target.closest(".lane");
    if (!root || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = event.key === "ArrowDown" ? root.nextElementSibling : root.previousElementSibling;
      next?.focus();
      event.preventDefault();
      return;
    }
    const action = ACTIONS.find(([, , key]) => key === event.key);
    const lane = this.byId.get(Number(root.dataset.flow));
    if (action && lane && !lane.buttons.find((button) => button.dataset.action === action[0]).disabled) {
      this.act(lane, action[0]);
      event.preventDefault();
    }
  }
}
