// One lane's last seconds on a canvas: now at the right, the client's leg above, the upstream's below.

import { measured } from "./format.js";

const NOW_MARGIN = 10;

/** Colours of the style sheet, read once per theme. */
export class Palette {
  constructor() {
    this.read();
  }

  read() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["text", "muted", "line", "live", "live-band", "warn", "probe", "hole", "hole-line", "hole-text", "discard", "healed", "track"]) {
      this[name] = style.getPropertyValue(`--${name}`).trim();
    }
    this.size = Math.round(parseFloat(style.fontSize) * 0.8);
    this.font = `600 ${this.size}px ${style.getPropertyValue("--font").trim()}`;
    this.hatch = null;
  }

  hatching(context) {
    if (this.hatch === null) {
      const tile = document.createElement("canvas");
      tile.width = 8;
      tile.height = 8;
      const draw = tile.getContext("2d");
      draw.fillStyle = this.hole;
      draw.fillRect(0, 0, 8, 8);
      draw.strokeStyle = this["hole-line"];
      draw.lineWidth = 1;
      draw.beginPath();
      for (const from of [-8, 0, 8]) {
        draw.moveTo(from, 8);
        draw.lineTo(from + 8, 0);
      }
      draw.stroke();
      this.hatch = context.createPattern(tile, "repeat");
    }
    return this.hatch;
  }
}

export class Timeline {
  constructor(canvas, palette) {
    this.canvas = canvas;
    this.palette = palette;
    this.context = canvas.getContext("2d");
    this.width = 0;
    this.height = 0;
  }

  /** Call this when the canvas's size has changed. */
  resize(width, height) {
    const ratio = window.devicePixelRatio || 1;
    this.width = width;
    this.height = height;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  draw(flow, now, span) {
    const { context: c, palette: p, width: w, height: h } = this;
    if (w === 0 || h === 0) {
      return;
    }
    const x = (at) => w - NOW_MARGIN - ((now - at) / span) * (w - NOW_MARGIN);
    const end = x(flow.closed === null ? now : flow.closed.at);
    const start = Math.max(0, flow.openedAt === null ? 0 : x(flow.openedAt));
    c.clearRect(0, 0, w, h);
    c.fillStyle = p.track;
    c.fillRect(0, 0, w, h);
    if (end > start) {
      c.fillStyle = p["live-band"];
      c.fillRect(start, 0, end - start, h);
    }
    for (const hole of flow.holes) {
      const left = Math.max(0, x(hole.from));
      const right = Math.min(end, hole.to === null ? end : x(hole.to));
      if (right > left) {
        c.fillStyle = p.hatching(c);
        c.fillRect(left, 0, right - left, h);
      }
    }
    const rows = { client: h * 0.42, upstream: h * 0.78 };
    c.font = p.font;
    c.lineWidth = 1;
    this.rows(rows, start, end);
    this.marks(flow, x);
    this.ticks(flow, x, rows);
    this.discards(flow, x, rows);
    c.strokeStyle = p.text;
    c.globalAlpha = 0.5;
    line(c, w - NOW_MARGIN + 0.5, 0, w - NOW_MARGIN + 0.5, h);
    c.globalAlpha = 1;
  }

  rows(rows, start, end) {
    const { context: c, palette: p } = this;
    c.strokeStyle = p.line;
    for (const y of Object.values(rows)) {
      if (end > start) {
        line(c, start, Math.round(y) + 0.5, end, Math.round(y) + 0.5);
      }
    }
  }

  ticks(flow, x, rows) {
    const { context: c, palette: p } = this;
    for (const tick of flow.ticks) {
      const at = x(tick.at);
      if (at < -8) {
        continue;
      }
      const y = rows[tick.leg];
      if (tick.kind === "data") {
        dataTick(c, p, at, y);
      } else {
        probeTick(c, p, at, y);
      }
    }
  }

  discards(flow, x, rows) {
    const { context: c, palette: p } = this;
    c.textAlign = "center";
    for (const discard of flow.discards) {
      const at = x(discard.at);
      const y = rows[discard.leg];
      if (at > -200) {
        if (discard.gap !== null) {
          this.gap(x(discard.at - discard.gap), at, y, measured(discard.gap));
        }
        discardMark(c, p, at, y);
      }
    }
  }

  /** The gap between two discarded segments, labelled if there is room. */
  gap(from, to, y, text) {
    const { context: c, palette: p } = this;
    const width = c.measureText(text).width;
    if (to - from < width + 12) {
      return;
    }
    const middle = (from + to) / 2;
    c.strokeStyle = p.discard;
    line(c, from + 7, y, middle - width / 2 - 4, y);
    line(c, middle + width / 2 + 4, y, to - 7, y);
    c.fillStyle = p["hole-text"];
    c.textBaseline = "middle";
    c.fillText(text, middle, y + 0.5);
  }

  marks(flow, x) {
    const { context: c, palette: p, width: w, height: h } = this;
    c.textBaseline = "alphabetic";
    let taken = -Infinity;
    for (const mark of flow.marks) {
      const at = Math.round(x(mark.at)) + 0.5;
      if (at < -100) {
        continue;
      }
      const colour = mark.kind === "healed" ? p.healed : mark.kind === "expired" ? p.discard : p.text;
      c.strokeStyle = colour;
      c.lineWidth = 2;
      c.setLineDash(mark.kind === "healed" ? [4, 3] : []);
      line(c, at, 0, at, h);
      c.setLineDash([]);
      c.lineWidth = 1;
      const width = c.measureText(mark.text).width;
      const isBefore = at + 6 + width >= w;
      const left = isBefore ? at - 5 - width : at + 5;
      const inHole = flow.holes.some((hole) =>
        isBefore
          ? mark.at > hole.from && (hole.to === null || mark.at <= hole.to)
          : mark.at >= hole.from && (hole.to === null || mark.at < hole.to),
      );
      c.fillStyle = inHole ? p["hole-text"] : p.text;
      c.textAlign = "left";
      // Two that are close together differ in height.
      c.fillText(mark.text, left, left < taken ? h - 4 : p.size);
      taken = left < taken ? -Infinity : left + width + 4;
    }
  }
}

function line(c, x1, y1, x2, y2) {
  c.beginPath();
  c.moveTo(x1, y1);
  c.lineTo(x2, y2);
  c.stroke();
}

function dataTick(c, p, x, y) {
  c.fillStyle = p.live;
  c.fillRect(Math.round(x) - 1.5, y - 8, 3, 16);
}

function probeTick(c, p, x, y) {
  c.fillStyle = p.track;
  c.strokeStyle = p.probe;
  c.lineWidth = 2;
  c.beginPath();
  c.moveTo(x, y - 6);
  c.lineTo(x + 6, y);
  c.lineTo(x, y + 6);
  c.lineTo(x - 6, y);
  c.closePath();
  c.fill();
  c.stroke();
  c.lineWidth = 1;
}

function discardMark(c, p, x, y) {
  c.strokeStyle = p.discard;
  c.lineWidth = 2.5;
  line(c, x - 5, y - 5, x + 5, y + 5);
  line(c, x - 5, y + 5, x + 5, y - 5);
  c.lineWidth = 1;
}

/** Draws the legend. */
export function drawLegend(canvas, palette) {
  const items = [
    ["data", dataTick],
    ["keepalive probe", probeTick],
    ["segment discarded, with the gap before it", discardMark],
  ];
  const { clientWidth: width, clientHeight: height } = canvas;
  const timeline = new Timeline(canvas, palette);
  timeline.resize(width, height);
  const c = timeline.context;
  c.font = palette.font;
  c.textBaseline = "middle";
  let x = 8;
  for (const [text, shape] of items) {
    shape(c, palette, x, height / 2);
    c.fillStyle = palette.muted;
    c.fillText(text, x + 14, height / 2 + 1);
    x += c.measureText(text).width + 36;
  }
  c.fillStyle = palette.muted;
  c.fillText("above: client · below: upstream", x, height / 2 + 1);
}
