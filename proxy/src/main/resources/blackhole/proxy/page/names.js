// The latest status of each name: one card per name, kept when its flows have closed.

import { count, element, setText } from "./format.js";

class Card {
  constructor(name) {
    this.what = element("dd", { class: "what" });
    this.more = element("dd", { class: "more" });
    this.sums = element("dd", { class: "sums" });
    const title = element("dt", {}, element("span", { class: "shape" }), element("span", { text: name }));
    this.root = element("div", { class: "named", "data-name": name }, title, this.what, this.more, this.sums);
  }

  show({ what, more, state, flows, expired, discarded }) {
    this.root.dataset.state = state;
    setText(this.what, what);
    setText(this.more, more);
    setText(this.sums, `${counted(flows, "flow")}, ${expired === 0 ? "none" : count(expired)} expired, ${counted(discarded, "segment")} discarded`);
  }
}

function counted(number, what) {
  return `${count(number)} ${what}${number === 1 ? "" : "s"}`;
}

export class Names {
  constructor(list) {
    this.list = list;
    this.cards = new Map();
  }

  show(named) {
    const shown = new Set(named.map(({ name }) => name));
    for (const [name, card] of this.cards) {
      if (!shown.has(name)) {
        card.root.remove();
        this.cards.delete(name);
      }
    }
    let place = this.list.firstElementChild;
    for (const status of named) {
      let card = this.cards.get(status.name);
      if (!card) {
        card = new Card(status.name);
        this.cards.set(status.name, card);
        this.list.insertBefore(card.root, place);
      }
      place = card.root.nextElementSibling;
      card.show(status);
    }
    this.list.hidden = named.length === 0;
    this.list.dataset.size = named.length <= 4 ? "few" : "many";
  }
}
