// The tree of modules. Only the rows that are seen are in the document.

const ROW_HEIGHT = 24;
const MOST_ROWS = 200;
const MOST_PRINTED = 2000;

class Tree {
  /** @param {Model} model @param {(row: number) => void} onSelect */
  constructor(model, onSelect) {
    this.model = model;
    this.onSelect = onSelect;
    this.box = byId("tree");
    this.body = byId("tree-rows");
    /** @type {Set<number>} */
    this.unfolded = new Set([0]);
    /** @type {number[]} */
    this.visible = [];
    /** @type {Set<number>} */
    this.found = new Set();
    this.active = 0;
    this.selected = -1;
    const first = /** @type {Cost|undefined} */ (model.data.costs[0] ?? undefined);
    this.whole = first ? [0, first[1], first[2], first[3]] : null;
    this.box.addEventListener("scroll", () => this.render());
    this.box.addEventListener("keydown", (event) => this._onKey(event));
    this.body.addEventListener("click", (event) => this._onClick(event));
    this.refold();
  }

  /** Work out which rows are seen, and show them. */
  refold() {
    const model = this.model;
    this.visible = [];
    for (let row = 0; row < model.size; ) {
      this.visible.push(row);
      row = this.unfolded.has(row) || !model.holds(row) ? row + 1 : (model.ends[row] ?? row + 1);
    }
    this.body.style.height = `${this.visible.length * ROW_HEIGHT}px`;
    this.box.setAttribute("aria-rowcount", String(this.visible.length));
    this.render();
  }

  /** Put the rows that are in sight into the document. */
  render() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / ROW_HEIGHT) - 10);
    const seen = Math.ceil(this.box.clientHeight / ROW_HEIGHT) + 20;
    const rows = this.visible.slice(first, first + Math.min(seen, MOST_ROWS));
    this.body.replaceChildren(
      ...rows.map((row, offset) => this._row(row, first + offset)),
    );
    const active = document.getElementById(`row-${this.active}`);
    if (active) this.box.setAttribute("aria-activedescendant", active.id);
    else this.box.removeAttribute("aria-activedescendant");
  }

  /** @param {number} row @param {number} place */
  _row(row, place) {
    const model = this.model;
    const state = model.state(row);
    const line = make("div", `row state-${STATE_WORDS[state] || "same"}`);
    line.id = `row-${row}`;
    line.dataset["row"] = String(row);
    line.style.top = `${place * ROW_HEIGHT}px`;
    line.setAttribute("role", "row");
    line.setAttribute("aria-level", String(model.depth(row) + 1));
    line.setAttribute("aria-setsize", String(model.siblings[row]));
    line.setAttribute("aria-posinset", String(model.positions[row]));
    line.setAttribute("aria-selected", String(row === this.selected));
    if (model.holds(row)) {
      line.setAttribute("aria-expanded", String(this.unfolded.has(row)));
    }
    line.classList.toggle("active", row === this.active);
    line.classList.toggle("found", this.found.has(row));
    line.append(this._module(row, state), ...this._costs(row));
    return line;
  }

  /** @param {number} row @param {number} state */
  _module(row, state) {
    const model = this.model;
    const cell = make("span", "module");
    cell.setAttribute("role", "gridcell");
    cell.style.paddingLeft = `${Math.min(model.depth(row), 20) * 12}px`;
    const folds = model.holds(row) ? (this.unfolded.has(row) ? "\u25be" : "\u25b8") : "";
    const mark = make("span", "fold", folds);
    mark.setAttribute("aria-hidden", "true");
    cell.append(mark);
    if (model.data.compares) {
      const sign = make("span", "sign", STATE_SIGNS[state]);
      if (state) sign.title = STATE_WORDS[state] ?? "";
      cell.append(sign);
      if (state) cell.append(make("span", "heard", `${STATE_WORDS[state]}: `));
    }
    if (model.depth(row)) cell.append(make("b", "", model.name(row)), " ");
    if (model.count(row) > 1) cell.append(`${model.count(row)} x `);
    const change = model.data.change[row];
    if (change) cell.append(make("span", "change", arrows(change)), " ");
    cell.append(make("span", "type", model.type(row)));
    const text = model.type(row) ? `(${model.text(row)})` : model.text(row);
    if (!change && model.text(row)) cell.append(make("span", "text", text));
    cell.title = model.data.before[row]
      ? `${model.data.before[row]} \u2192 ${model.printed(row)}`
      : model.printed(row);
    return cell;
  }

  /** @param {number} row */
  _costs(row) {
    if (!this.whole) return [];
    const cost = this.model.data.costs[row];
    const cells = [make("span", "cost size", cost ? this.model.string(cost[0]) : "")];
    for (const column of /** @type {const} */ ([1, 2, 3])) {
      const value = cost ? cost[column] : 0;
      const cell = make("span", "cost", value ? shortNumber(value) : "\u2013");
      const share = value / (this.whole[column] || 1);
      if (value && row) {
        const bar = make("i", "bar");
        bar.style.width = `${Math.max(share * 100, 1)}%`;
        cell.append(bar);
        cell.title = `${value.toLocaleString("en")}, ${(share * 100).toFixed(1)}% of all`;
      }
      cells.push(cell);
    }
    for (const cell of cells) cell.setAttribute("role", "gridcell");
    return cells;
  }

  /** Show a row, and what is around it unfolded. @param {number} row */
  reveal(row) {
    let changed = false;
    for (const parent of this.model.around(row)) {
      changed = changed || !this.unfolded.has(parent);
      this.unfolded.add(parent);
    }
    if (changed) this.refold();
    this.activate(row);
  }

  /** @param {number} row */
  activate(row) {
    this.active = row;
    const place = this._place(row);
    const top = place * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.box;
    const room = clientHeight - ROW_HEIGHT * 2;
    if (top < scrollTop) this.box.scrollTop = top;
    else if (top > scrollTop + room) this.box.scrollTop = top - room / 2;
    this.render();
  }

  /** @param {number} row */
  select(row) {
    this.selected = row;
    if (row >= 0) this.reveal(row);
    else this.render();
  }

  /** @param {number} row */
  toggle(row) {
    if (!this.model.holds(row)) return;
    if (!this.unfolded.delete(row)) this.unfolded.add(row);
    this.refold();
  }

  /** Unfold all, or fold all but the network. @param {boolean} open */
  foldAll(open) {
    this.unfolded = new Set([0]);
    if (open) {
      for (let row = 0; row < this.model.size; row += 1) {
        if (this.model.holds(row)) this.unfolded.add(row);
      }
    }
    this.refold();
    this.activate(this._seen(this.active));
  }

  /** A row, or what it is folded into. @param {number} row */
  _seen(row) {
    return this.model.around(row).find((parent) => !this.unfolded.has(parent)) ?? row;
  }

  /** @param {number} row */
  _place(row) {
    let low = 0;
    let high = this.visible.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.visible[middle] ?? 0) < row) low = middle + 1;
      else high = middle;
    }
    return Math.min(low, this.visible.length - 1);
  }

  /** @param {MouseEvent} event */
  _onClick(event) {
    const target = /** @type {Element} */ (event.target);
    const line = target.closest(".row");
    if (!(line instanceof HTMLElement)) return;
    const row = Number(line.dataset["row"]);
    if (target.closest(".fold") && this.model.holds(row)) {
      this.activate(row);
      this.toggle(row);
    } else {
      this.onSelect(row);
    }
  }

  /** @param {KeyboardEvent} event */
  _onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const place = this._place(this.active);
    const page = Math.max(1, Math.floor(this.box.clientHeight / ROW_HEIGHT) - 2);
    const moves = /** @type {Record<string, number>} */ ({
      ArrowDown: place + 1,
      ArrowUp: place - 1,
      PageDown: place + page,
      PageUp: place - page,
      Home: 0,
      End: this.visible.length - 1,
    });
    const wanted = moves[event.key];
    if (wanted !== undefined) {
      const last = this.visible.length - 1;
      this.activate(this.visible[Math.max(0, Math.min(wanted, last))] ?? 0);
    } else if (event.key === "ArrowRight") {
      if (!this.unfolded.has(this.active)) this.toggle(this.active);
      else if (this.model.holds(this.active)) this.activate(this.active + 1);
    } else if (event.key === "ArrowLeft") {
      const parent = this.model.parents[this.active] ?? -1;
      if (this.unfolded.has(this.active)) this.toggle(this.active);
      else if (parent >= 0) this.activate(parent);
    } else if (event.key === "Enter" || event.key === " ") {
      this.onSelect(this.active);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** What is printed: every row that is unfolded, up to a number that is said. */
  printed() {
    const lines = this.visible.slice(0, MOST_PRINTED).map((row) => {
      const sign = this.model.data.compares ? `${STATE_SIGNS[this.model.state(row)] || " "} ` : "";
      return sign + "  ".repeat(this.model.depth(row)) + this.model.printed(row);
    });
    const left = this.visible.length - lines.length;
    const folded = this.model.size - this.visible.length;
    if (left) lines.push(`... ${left.toLocaleString("en")} unfolded rows are left out`);
    if (folded) lines.push(`... ${folded.toLocaleString("en")} rows are folded`);
    return lines.join("\n");
  }
}
