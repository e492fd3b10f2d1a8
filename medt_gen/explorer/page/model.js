// The rows of the tree: where each is, what is below it, and what it is called.

const STATE_WORDS = ["", "added", "removed", "changed"];
const STATE_SIGNS = ["", "+", "\u2212", "~"];

class Model {
  /** @param {PageData} data */
  constructor(data) {
    this.data = data;
    this.size = data.depth.length;
    /** The row behind the last one below each row. */
    this.ends = new Int32Array(this.size);
    this.parents = new Int32Array(this.size);
    this.positions = new Int32Array(this.size);
    this.siblings = new Int32Array(this.size);
    /** @type {Map<string, number>} */
    this.byPath = new Map();
    /** @type {string[]} */
    this.paths = new Array(this.size);
    this._measure();
  }

  _measure() {
    /** @type {number[]} */
    const around = [];
    const counts = new Int32Array(this.size);
    for (let row = 0; row < this.size; row += 1) {
      const depth = this.depth(row);
      while (around.length > depth) this.ends[around.pop() ?? 0] = row;
      const parent = around[around.length - 1] ?? -1;
      this.parents[row] = parent;
      if (parent >= 0) {
        counts[parent] = (counts[parent] ?? 0) + 1;
        this.positions[row] = counts[parent] ?? 1;
      } else {
        this.positions[row] = 1;
      }
      const path = depth === 0 ? "" : joined(this.paths[parent] ?? "", this.step(row));
      this.paths[row] = path;
      if (!this.byPath.has(path)) this.byPath.set(path, row);
      around.push(row);
    }
    for (const row of around) this.ends[row] = this.size;
    for (let row = 0; row < this.size; row += 1) {
      const parent = this.parents[row] ?? -1;
      this.siblings[row] = parent < 0 ? 1 : (counts[parent] ?? 1);
    }
  }

  /** @param {number} number */
  string(number) {
    return this.data.strings[number] ?? "";
  }

  /** @param {number} row */
  depth(row) {
    return this.data.depth[row] ?? 0;
  }

  /** @param {number} row */
  name(row) {
    return this.string(this.data.name[row] ?? 0);
  }

  /** The name that a path has: of a run that of its first module. @param {number} row */
  step(row) {
    const name = this.name(row);
    return this.data.count[row] ? (name.split("-")[0] ?? name) : name;
  }

  /** @param {number} row */
  type(row) {
    return this.string(this.data.type[row] ?? 0);
  }

  /** @param {number} row */
  text(row) {
    return this.string(this.data.text[row] ?? 0);
  }

  /** @param {number} row */
  count(row) {
    return this.data.count[row] ?? 1;
  }

  /** @param {number} row */
  state(row) {
    return this.data.state[row] ?? 0;
  }

  /** @param {number} row */
  path(row) {
    return this.paths[row] ?? "";
  }

  /** @param {number} row */
  holds(row) {
    return (this.ends[row] ?? 0) > row + 1;
  }

  /** The row as it is printed. @param {number} row */
  printed(row) {
    const many = this.count(row) > 1 ? `${this.count(row)} x ` : "";
    const name = this.depth(row) ? `(${this.name(row)}): ` : "";
    if (!this.type(row)) return name + this.text(row);
    return `${name}${many}${this.type(row)}(${this.text(row)})`;
  }

  /** The rows around a row, the outermost first. @param {number} row */
  around(row) {
    const found = [];
    for (let at = this.parents[row] ?? -1; at >= 0; at = this.parents[at] ?? -1) {
      found.unshift(at);
    }
    return found;
  }

  /** The row of a module, or of what holds it where it has none. @param {string} path */
  rowOf(path) {
    for (let at = path; at; at = at.slice(0, Math.max(at.lastIndexOf("."), 0))) {
      const row = this.byPath.get(at);
      if (row !== undefined) return row;
    }
    return path === "" && this.size ? 0 : -1;
  }

  /** Every row that a text is in; white space and letter case don't count.
   * @param {string} wanted */
  search(wanted) {
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    if (!words.length) return [];
    for (let row = 0; row < this.size; row += 1) {
      const text = `${this.path(row)} ${this.type(row)} ${this.text(row)}`.toLowerCase();
      if (words.every((word) => text.includes(word))) found.push(row);
    }
    return found;
  }
}

/** @param {string} text */
function arrows(text) {
  return text.replaceAll(" -> ", " \u2192 ");
}

/** @param {number} value */
function shortNumber(value) {
  const steps = /** @type {[number, string][]} */ ([
    [1e12, " T"],
    [1e9, " G"],
    [1e6, " M"],
    [1e3, " k"],
  ]);
  for (const [size, unit] of steps) {
    if (value >= size) return Number((value / size).toPrecision(3)) + unit;
  }
  return String(value);
}
