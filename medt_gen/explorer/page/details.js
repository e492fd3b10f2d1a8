// What is known of the module that is selected.

const MOST_LINES = 60;

class Details {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.pane = byId("details");
    this.clear();
  }

  clear() {
    const hint = "Select a module in the tree or in the flow: its arguments and its lines are shown here.";
    this.pane.replaceChildren(make("p", "quiet", hint));
  }

  /** @param {number} row */
  showRow(row) {
    const model = this.model;
    const path = model.path(row);
    /** @type {HTMLElement[]} */
    const parts = [this._head(path || model.type(row), path, model.type(row), model.state(row))];
    const before = model.data.before[row];
    const change = model.data.change[row];
    if (change) parts.push(make("p", "change", arrows(change)));
    if (before) parts.push(this._change(before, model.printed(row)));
    const cost = model.data.costs[row];
    if (cost) parts.push(this._costs(cost));
    const facts = model.data.facts[model.data.fact[row] ?? -1];
    if (facts?.args?.length) parts.push(this._arguments(facts.args));
    else if (model.text(row)) parts.push(make("p", "printed", model.text(row)));
    if (facts) parts.push(...this._lines(facts));
    this.pane.replaceChildren(...parts);
    this.pane.scrollTop = 0;
  }

  /** What is no module, or several. @param {PlacedBox} placed */
  showBox(placed) {
    const { box } = placed;
    const parts = [this._head(box.title, placed.path, box.kind, placed.state)];
    if (placed.before) parts.push(this._change(placed.before, boxWords(placed)));
    if (box.shape?.length) parts.push(make("p", "", `gives ${box.shape.join(" x ")} for one image`));
    if (box.output) parts.push(make("p", "", `is the result ${box.output}`));
    if (box.members?.length) {
      parts.push(make("p", "", `goes through ${box.members.map((name) => joined(placed.around, name)).join(", ")}`));
    }
    this.pane.replaceChildren(...parts);
    this.pane.scrollTop = 0;
  }

  /** @param {string} title @param {string} path @param {string} type @param {number} state */
  _head(title, path, type, state) {
    const head = make("h2");
    if (state) head.append(make("span", `sign state-${STATE_WORDS[state]}`, STATE_SIGNS[state]), ` ${STATE_WORDS[state]}: `);
    head.append(title);
    if (type && type !== title) head.append(" ", make("span", "type", type));
    if (path) {
      const copy = make("button", "copy", "Copy path");
      copy.type = "button";
      copy.addEventListener("click", () => copyText(path));
      head.append(" ", copy);
    }
    return head;
  }

  /** @param {string} before @param {string} after */
  _change(before, after) {
    const line = make("p", "change");
    line.append(make("del", "", before), " \u2192 ", make("ins", "", after));
    return line;
  }

  /** @param {Cost} cost */
  _costs(cost) {
    const [output, parameters, products, bytes, calls] = cost;
    const words = [];
    if (output) words.push(`output ${this.model.string(output)}`);
    words.push(`${parameters.toLocaleString("en")} parameters`);
    words.push(`${products.toLocaleString("en")} multiply-adds`);
    words.push(`${bytes.toLocaleString("en")} bytes of outputs`);
    if (calls) words.push(`called ${calls === 1 ? "once" : `${calls} times`} for one image`);
    return make("p", "", words.join(", "));
  }

  /** @param {Argument[]} given */
  _arguments(given) {
    const table = make("table");
    const head = table.createTHead().insertRow();
    for (const title of ["argument", "value", "where it comes from"]) {
      const cell = make("th", "", title);
      cell.scope = "col";
      head.append(cell);
    }
    const body = table.createTBody();
    for (const [name, value, why, words, before] of given) {
      const row = body.insertRow();
      row.className = why;
      const cell = make("td", "value");
      if (before) cell.append(make("del", "", before), " \u2192 ", make("ins", "", value));
      else cell.append(value);
      row.append(make("td", "", name), cell);
      row.append(make("td", "", why === "given" ? `the spec${words ? `: ${words}` : ""}` : words));
    }
    return table;
  }

  /** @param {Facts} facts */
  _lines(facts) {
    const parts = [];
    const data = this.model.data;
    if (facts.spec) {
      const [number, line] = facts.spec;
      const text = data.texts[number];
      if (text) parts.push(...excerpt("declared", text, [line, line]));
    }
    if (data.emitted) {
      if (facts.made) parts.push(...excerpt("made", data.emitted, facts.made));
      for (const call of facts.calls ?? []) {
        parts.push(...excerpt("called", data.emitted, call));
      }
      if (facts.own) parts.push(...excerpt("its class", data.emitted, facts.own));
    } else if (data.noLines) {
      parts.push(make("p", "quiet", data.noLines));
    }
    return parts;
  }
}

/**
 * @param {string} title @param {PageText} text @param {[number, number]} lines
 */
function excerpt(title, text, [first, last]) {
  const all = text.text.split("\n");
  const end = Math.min(last, first + MOST_LINES - 1);
  const where = first === last ? `line ${first}` : `lines ${first} to ${last}`;
  const head = make("h3", "", `${title} in ${text.name}, ${where}`);
  const block = make("pre");
  block.tabIndex = 0;
  block.setAttribute("aria-label", `${title}, ${where}`);
  block.setAttribute("role", "region");
  for (let line = first; line <= end; line += 1) {
    block.append(make("span", "number", String(line)), `${all[line - 1] ?? ""}\n`);
  }
  if (end < last) block.append(`... ${last - end} more lines\n`);
  return [head, block];
}

/** The older way comes first: it is the one that works in a page inside of a page.
 * @param {string} text */
function copyText(text) {
  const field = make("textarea", "copied", text);
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  const told = copied ? `copied ${text}` : "this page may not copy: select the path";
  if (copied || !navigator.clipboard) {
    announce(told);
    return;
  }
  navigator.clipboard.writeText(text).then(
    () => announce(`copied ${text}`),
    () => announce(told),
  );
}
