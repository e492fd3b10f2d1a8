// The page: both panes show one selection, which the address names.

/** @returns {PageData} */
function pageData() {
  return JSON.parse(byId("data").textContent ?? "");
}

class Page {
  constructor() {
    const data = pageData();
    this.data = data;
    this.model = new Model(data);
    this.details = new Details(this.model);
    this.flow = data.graphs.length ? new Flow(data, (box) => this._onBox(box)) : null;
    this.tree = new Tree(this.model, (row) => this.go(`#${encodeURIComponent(this.model.path(row))}`));
    /** @type {number[]} */
    this.matches = [];
    this.differences = this._differences();
    this.difference = -1;
    /** The address that is shown, so that it is not shown twice. */
    this.shown = "";
    this._head();
    this._tools();
    this._search();
    this._keys();
    this._printing();
    if (this.flow) {
      showLegend(data, this.flow.kinds);
      this.flow.fit();
    }
    window.addEventListener("hashchange", () => this._follow());
    window.addEventListener("resize", () => this.tree.render());
    if (data.compares) this._unfoldDifferences();
    this._follow();
  }

  // --- the address --------------------------------------------------------------------

  /** Go to a place: the address changes, and what it names is selected.
   * @param {string} hash */
  go(hash) {
    this._select(hash);
    try {
      if (location.hash !== hash) location.hash = hash;
    } catch {
      // In a page inside of a page the address may not be ours to change.
    }
  }

  _follow() {
    let hash = "";
    try {
      hash = location.hash;
    } catch {
      return;
    }
    if (hash && hash !== this.shown) this._select(hash);
  }

  /** @param {string} hash */
  _select(hash) {
    this.shown = hash;
    let name = hash.replace(/^#/, "");
    try {
      name = decodeURIComponent(name);
    } catch {
      announce("the address names no module");
      return;
    }
    if (name.startsWith("@")) this._selectBox(name.slice(1));
    else this._selectPath(name);
  }

  /** @param {string} path */
  _selectPath(path) {
    const row = this.model.byPath.get(path);
    if (row === undefined) {
      announce(`there is no module ${path}`);
      return;
    }
    this.tree.select(row);
    this.flow?.select(path ? this.flow.boxOf(path) : "");
    this.details.showRow(row);
    announce(`${this.model.printed(row)} selected`);
  }

  /** What is no module has only a place in the flow. @param {string} address */
  _selectBox(address) {
    if (!this.flow) return;
    const steps = address.split(".");
    for (let length = 1; length < steps.length; length += 1) {
      this.flow.opened.add(steps.slice(0, length).join("."));
    }
    this.flow.render();
    const placed = this.flow.at(address);
    if (!placed) return;
    const first = placed.box.members?.[0];
    this.tree.select(first === undefined ? -1 : this.model.rowOf(joined(placed.around, first)));
    this.flow.select(address);
    this.details.showBox(placed);
    announce(`${boxWords(placed)} selected`);
  }

  /** @param {PlacedBox} placed */
  _onBox(placed) {
    const known = placed.path !== "" && this.model.byPath.has(placed.path);
    const once = known && this.flow?.boxOf(placed.path) === placed.address;
    this.go(once ? `#${encodeURIComponent(placed.path)}` : `#@${placed.address}`);
  }

  // --- the head -----------------------------------------------------------------------

  _head() {
    const data = this.data;
    document.title = `${data.title} \u2013 medt-gen`;
    byId("title").textContent = data.title;
    byId("subject").textContent = data.subject;
    const totals = byId("totals");
    for (const [name, value] of data.totals) {
      totals.append(make("dt", "", name), make("dd", "", value));
    }
    const notes = byId("notes");
    for (const line of data.changes) notes.append(make("li", "change", line));
    for (const line of data.notes) notes.append(make("li", "", line));
    notes.hidden = !notes.childElementCount;
    if (data.noFlow) byId("flow").append(make("p", "quiet message", data.noFlow));
    document.body.classList.toggle("no-flow", !this.flow);
    document.body.classList.toggle("no-costs", !data.costs.length);
    document.body.classList.toggle("compares", data.compares);
    byId("next").hidden = !data.compares;
  }

  _tools() {
    const actions = /** @type {Record<string, () => void>} */ ({
      unfold: () => this.tree.foldAll(true),
      fold: () => this.tree.foldAll(false),
      open: () => this.flow?.openMore(),
      close: () => this.flow?.closeAll(),
      larger: () => this.flow?.zoomTo(this.flow.zoom * 1.25),
      smaller: () => this.flow?.zoomTo(this.flow.zoom / 1.25),
      fit: () => this.flow?.fit(),
      next: () => this.jump(),
    });
    for (const [id, action] of Object.entries(actions)) {
      byId(id).addEventListener("click", action);
    }
    for (const id of ["open", "close", "larger", "smaller", "fit"]) {
      byId(id).hidden = !this.flow;
    }
  }

  // --- searching ----------------------------------------------------------------------

  _search() {
    const field = /** @type {HTMLInputElement} */ (byId("search"));
    field.addEventListener("input", () => {
      this.matches = this.model.search(field.value);
      this.tree.found = new Set(this.matches);
      const count = this.matches.length.toLocaleString("en");
      byId("matches").textContent = field.value.trim() ? `${count} found` : "";
      const first = this.matches[0];
      if (first !== undefined) this.tree.reveal(first);
      else this.tree.render();
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        this._nextMatch(event.shiftKey ? -1 : 1);
        event.preventDefault();
      } else if (event.key === "Escape") {
        field.value = "";
        field.dispatchEvent(new Event("input"));
        this.tree.box.focus();
      }
    });
  }

  /** Select what was found; the next one where that is selected. @param {number} way */
  _nextMatch(way) {
    const { matches } = this;
    if (!matches.length) return;
    const at = matches.indexOf(this.tree.selected);
    const next = at < 0 ? matches.indexOf(this.tree.active) : at + way;
    const row = matches[(Math.max(next, at < 0 ? 0 : next) + matches.length) % matches.length];
    if (row !== undefined) this.go(`#${encodeURIComponent(this.model.path(row))}`);
  }

  // --- differences --------------------------------------------------------------------

  /** @returns {string[]} the addresses of what differs, in the order of the tree */
  _differences() {
    const rows = Object.keys(this.data.state).map(Number);
    const found = rows.map((row) => `#${encodeURIComponent(this.model.path(row))}`);
    const graph = this.data.graphs[0];
    graph?.boxStates?.forEach((state, number) => {
      const box = graph.boxes[number];
      if (state && box && !(box.members ?? []).length) found.push(`#@${number}`);
    });
    return found;
  }

  jump() {
    if (!this.differences.length) {
      announce("nothing differs");
      return;
    }
    this.difference = (this.difference + 1) % this.differences.length;
    this.go(this.differences[this.difference] ?? "");
  }

  _unfoldDifferences() {
    for (const row of Object.keys(this.data.state).map(Number)) {
      for (const parent of this.model.around(row)) this.tree.unfolded.add(parent);
    }
    this.tree.refold();
  }

  // --- keys and print -----------------------------------------------------------------

  _keys() {
    document.addEventListener("keydown", (event) => {
      const typing = event.target instanceof HTMLInputElement;
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "/") byId("search").focus();
      else if (event.key === "d" && this.data.compares) this.jump();
      else if (event.key === "+") this.flow?.zoomTo(this.flow.zoom * 1.25);
      else if (event.key === "-") this.flow?.zoomTo(this.flow.zoom / 1.25);
      else if (event.key === "0") this.flow?.fit();
      else return;
      event.preventDefault();
    });
  }

  _printing() {
    const paper = byId("paper");
    window.addEventListener("beforeprint", () => {
      paper.textContent = this.tree.printed();
    });
    window.addEventListener("afterprint", () => {
      paper.textContent = "";
    });
  }
}

new Page();
