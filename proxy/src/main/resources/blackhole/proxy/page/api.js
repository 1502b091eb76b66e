// The proxy's API: requests, and the event stream, read with fetch because EventSource can't send a token.

const ROOT = "api/v1/";
const TOKEN = "blackhole-token";
const LONGEST_SILENCE = 40_000;
const RETRY = [250, 500, 1000, 2000];

/** An error response of the API. */
export class Problem extends Error {
  constructor(status, document) {
    super(document.detail || document.title || `the proxy answered ${status}`);
    this.status = status;
    this.field = document.field || null;
  }
}

export class Api {
  constructor(askForToken) {
    this.askForToken = askForToken;
    this.token = sessionStorage.getItem(TOKEN);
  }

  setToken(token) {
    this.token = token;
    sessionStorage.setItem(TOKEN, token);
  }

  async request(method, path, body, options = {}) {
    const headers = { ...options.headers };
    if (this.token) {
      headers.Authorization = `Bearer ${this.token}`;
    }
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
    }
    const sent = this.token;
    const response = await fetch(ROOT + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: options.signal,
      cache: "no-store",
      credentials: "omit",
    });
    if (response.status === 401) {
      if (sent === this.token) {
        await this.askForToken(sent !== null);
      }
      return this.request(method, path, body, options);
    }
    if (!response.ok) {
      throw new Problem(response.status, await response.json().catch(() => ({})));
    }
    return response;
  }

  async json(method, path, body, options) {
    return (await this.request(method, path, body, options)).json();
  }
}

/** Reads events and reconnects by itself, resuming after the last event. */
export class EventStream {
  constructor(api, handler) {
    this.api = api;
    this.handler = handler;
    this.lastId = null;
    this.failures = 0;
  }

  async run() {
    for (;;) {
      let why;
      try {
        await this.readOnce();
        why = "the proxy closed the connection";
      } catch (failure) {
        why = failure instanceof Problem ? failure.message : "the proxy can't be reached";
      }
      this.handler.disconnected(why);
      const pause = RETRY[Math.min(this.failures++, RETRY.length - 1)];
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async readOnce() {
    const abort = new AbortController();
    let watchdog;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => abort.abort(), LONGEST_SILENCE);
    };
    try {
      alive();
      const headers = this.lastId === null ? {} : { "Last-Event-ID": this.lastId };
      const path = this.lastId === null ? "events?start=oldest" : "events";
      const response = await this.api.request("GET", path, undefined, { headers, signal: abort.signal });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) {
          return;
        }
        alive();
        const messages = (rest + value).split("\n\n");
        rest = messages.pop();
        messages.forEach((message) => this.dispatch(message));
      }
    } finally {
      clearTimeout(watchdog);
      abort.abort();
    }
  }

  dispatch(message) {
    let id = null;
    let data = "";
    for (const line of message.split("\n")) {
      if (line.startsWith("data: ")) {
        data += line.slice(6);
      } else if (line.startsWith("id: ")) {
        id = line.slice(4);
      }
    }
    if (data !== "") {
      this.failures = 0;
      this.handler.event(JSON.parse(data));
    }
    if (id !== null) {
      this.lastId = id;
    }
  }
}
