// Text and numbers for people and for the API.

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a setting ("1500ms", "5m"); null for null. */
export function millis(text) {
  if (text === null || text === undefined) {
    return null;
  }
  const match = /^(\d+)(ms|s|m|h)$/.exec(text);
  return match ? Number(match[1]) * UNITS[match[2]] : NaN;
}

/** A running time: 2.4 s, 58 s, 4:52. */
export function running(ms) {
  const left = Math.max(0, ms);
  if (left < 60_000) {
    return `${(Math.floor(left / 100) / 10).toFixed(1)} s`;
  }
  const seconds = Math.floor(left / 1000);
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)}:${pad(seconds % 60)}`;
  }
  return `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
}

/** A measured duration without line break: 0.21 s, 1.6 s, 13 s. */
export function measured(ms) {
  const seconds = ms / 1000;
  return `${seconds < 1 ? seconds.toFixed(2) : seconds < 100 ? seconds.toFixed(1) : Math.round(seconds)}\u00a0s`;
}

export function clock(at) {
  const time = new Date(at);
  return `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}.${pad(time.getMilliseconds(), 3)}`;
}

export function count(number) {
  return number.toLocaleString("en");
}

function pad(number, digits = 2) {
  return String(number).padStart(digits, "0");
}

/** An element with text and attributes. Text is never markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "text") {
      made.textContent = value;
    } else {
      made.setAttribute(key, value);
    }
  }
  made.append(...children);
  return made;
}

/** Sets text only if it differs, to avoid a new layout. */
export function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}
