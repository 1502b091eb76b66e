// The settings form. Refused values are shown beside their fields.

import { element, setText } from "./format.js";
import { Problem } from "./api.js";

const NULLABLE = ["maxLifetime", "maxFlows"];

export class Settings {
  constructor(form, api, announce) {
    this.form = form;
    this.api = api;
    this.announce = announce;
    this.problem = document.getElementById("settings-problem");
    this.outage = document.getElementById("outage");
    this.current = null;
    this.isReplay = false;
    this.fields = [...form.elements].filter((field) => field.name);
    for (const field of this.fields) {
      field.addEventListener(field.tagName === "INPUT" ? "input" : "change", () => this.clearProblem(field));
    }
    this.profile = document.getElementById("profile");
    this.profiles = [];
    this.profile.addEventListener("change", () => this.fillFromProfile());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.apply();
    });
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      this.fields.forEach((field) => this.fill(field));
      this.profile.value = "";
      this.clearProblems();
    });
    this.outage.addEventListener("click", () => this.toggleOutage());
  }

  setReplay(isReplay) {
    this.isReplay = isReplay;
    for (const control of this.form.elements) {
      control.disabled = isReplay;
    }
  }

  async loadProfiles() {
    ({ profiles: this.profiles } = await this.api.json("GET", "profiles"));
    this.profile.replaceChildren(
      this.profile.options[0],
      ...this.profiles.map(({ name, description }) => element("option", { value: name, text: name, title: description })),
    );
  }

  /** Fills the form with a profile's values; Apply applies them. */
  fillFromProfile() {
    const profile = this.profiles.find(({ name }) => name === this.profile.value);
    if (profile) {
      this.clearProblems();
      this.fields.forEach((field) => this.fill(field, profile.middlebox));
      this.announce(`${profile.description} Apply to use it.`);
    }
  }

  /** Shows the current settings, except in a field that is being edited. */
  show(middlebox) {
    const before = this.current;
    this.current = middlebox;
    for (const field of this.fields) {
      if (before === null || this.value(field, before) === this.typed(field)) {
        this.fill(field);
      }
    }
  }

  showOutage(on) {
    this.outage.setAttribute("aria-pressed", String(on));
    setText(this.outage, on ? "End the outage" : "Start outage");
  }

  value(field, middlebox) {
    const value = middlebox[field.name];
    return field.type === "checkbox" ? value : value === null ? "" : String(value);
  }

  typed(field) {
    return field.type === "checkbox" ? field.checked : field.value.trim();
  }

  fill(field, middlebox = this.current) {
    if (middlebox === null) {
      return;
    }
    const value = this.value(field, middlebox);
    if (field.type === "checkbox") {
      field.checked = value;
      return;
    }
    field.value = value;
  }

  async apply() {
    this.clearProblems();
    if (this.current === null) {
      return;
    }
    const patch = {};
    for (const field of this.fields) {
      const typed = this.typed(field);
      if (typed !== this.value(field, this.current)) {
        patch[field.name] = toJson(field, typed);
      }
    }
    if (Object.keys(patch).length === 0) {
      this.announce("No changes to apply.");
      return;
    }
    try {
      const middlebox = await this.api.json("PATCH", "middlebox", patch);
      this.current = middlebox;
      this.fields.forEach((field) => this.fill(field));
      this.profile.value = "";
      this.announce("Settings applied.");
    } catch (failure) {
      this.showProblem(failure);
    }
  }

  async toggleOutage() {
    const on = this.outage.getAttribute("aria-pressed") !== "true";
    try {
      const answer = await this.api.json("PUT", "outage", { on });
      this.showOutage(answer.on);
    } catch (failure) {
      this.showProblem(failure);
    }
  }

  showProblem(failure) {
    const field = this.fields.find((one) => one.name === failure.field);
    const text = failure instanceof Problem ? inWords(failure.message, field) : "The proxy can't be reached; nothing was changed.";
    if (!field) {
      setText(this.problem, text);
      this.problem.hidden = false;
      return;
    }
    field.closest("details")?.setAttribute("open", "");
    const id = `${field.id}-problem`;
    let place = document.getElementById(id);
    if (!place) {
      place = element("p", { id, class: "problem", role: "alert" });
      field.closest(".field").append(place);
    }
    setText(place, text);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", id);
    field.focus();
  }

  clearProblem(field) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    document.getElementById(`${field.id}-problem`)?.remove();
  }

  clearProblems() {
    this.fields.forEach((field) => this.clearProblem(field));
    this.problem.hidden = true;
  }
}

/** Replaces the setting's API name at the start of a message with its label. */
function inWords(message, field) {
  const label = field?.labels[0]?.textContent.trim();
  return label && message.startsWith(`${field.name} `) ? label + message.slice(field.name.length) : message;
}

function toJson(field, typed) {
  if (NULLABLE.includes(field.name) && typed === "") {
    return null;
  }
  if (field.name === "maxFlows") {
    // Send anything but a number as typed; the proxy rejects it.
    return /^-?\d{1,15}$/.test(typed) ? Number(typed) : typed;
  }
  return typed;
}
