// The flow: boxes and edges as they are placed, each box opened or closed.

class Flow {
  /** @param {PageData} data @param {(box: PlacedBox) => void} onSelect */
  constructor(data, onSelect) {
    this.data = data;
    this.onSelect = onSelect;
    this.pane = byId("flow");
    /** @type {Set<string>} */
    this.opened = new Set();
    this.zoom = 1;
    this.selected = "";
    this.focused = "0";
    this.kinds = kindsOf(data);
    this.scene = sceneOf(data, this.opened);
    this.svg = draw("svg", { role: "group", "aria-label": "Flow of the network" });
    this.pane.append(this.svg);
    this.svg.addEventListener("click", (event) => this._onClick(event));
    this.svg.addEventListener("keydown", (event) => this._onKey(event));
    this._dragging();
    this.render();
  }

  render() {
    this.scene = sceneOf(this.data, this.opened);
    if (!this.scene.boxes.some((box) => box.address === this.focused)) {
      this.focused = this._shown(this.focused);
    }
    const items = this.scene.items.map((item) =>
      "edge" in item ? this._edge(item) : this._box(item),
    );
    const focused = this.svg.contains(document.activeElement);
    this.svg.replaceChildren(...this.scene.frames.map(frameShape), ...items);
    this._size();
    if (focused) this._focus(this.focused);
  }

  _size() {
    const { width, height } = this.scene;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("width", String(width * this.zoom));
    this.svg.setAttribute("height", String(height * this.zoom));
  }

  /** As large as the pane allows, and never so that no one can read it. */
  fit() {
    // Without the drawing the pane has no scroll bars, and shows its own size.
    this.svg.style.display = "none";
    const { clientWidth, clientHeight } = this.pane;
    this.svg.style.display = "";
    const share = Math.min(clientWidth / this.scene.width, clientHeight / this.scene.height);
    this.zoomTo(Math.min(Math.max(share, 1), 1.3));
  }

  /** @param {number} zoom */
  zoomTo(zoom) {
    this.zoom = Math.min(Math.max(zoom, 0.2), 4);
    this._size();
  }

  // --- boxes --------------------------------------------------------------------------

  /** @param {PlacedBox} placed */
  _box(placed) {
    const { box, at } = placed;
    const state = STATE_WORDS[placed.state] || "same";
    const opens = box.inside !== undefined;
    const tint = this.kinds.tint(box);
    const group = draw("g", {
      class: `box kind-${box.kind} family-${box.family} tint-${tint} state-${state}`,
      role: "button",
      tabindex: placed.address === this.focused ? 0 : -1,
      "aria-label": spoken(placed),
      "data-address": placed.address,
    });
    if (opens) group.setAttribute("aria-expanded", String(placed.opened));
    group.setAttribute("aria-pressed", String(placed.address === this.selected));
    if (placed.opened) group.classList.add("opened");
    if (placed.address === this.selected) group.classList.add("selected");
    if (box.output) group.classList.add("output");
    const low = ["input", "operation", "parameter"].includes(box.kind);
    const image = box.kind === "input" && at.width === at.height && at.width > 30;
    group.append(
      draw("title", {}, boxWords(placed)),
      draw("rect", { ...at, rx: image ? 0 : low ? 8 : 3, class: "area" }),
      ...(image ? cutLines(placed) : []),
      ...this._texts(placed),
    );
    if (opens) group.append(...toggleMark(placed));
    return group;
  }

  /** @param {PlacedBox} placed */
  _texts(placed) {
    const { box, at } = placed;
    const middle = at.x + at.width / 2;
    const [title, detail] = shownTexts(placed);
    const top = placed.opened ? 16 : at.height / 2 + (detail ? -2 : 4);
    const texts = [draw("text", { x: middle, y: at.y + top, class: "title" }, title)];
    if (detail) {
      const y = at.y + top + 13;
      texts.push(draw("text", { x: middle, y, class: "detail" }, ` ${detail}`));
    }
    if (box.label) {
      const y = box.above ? at.y - 5 : at.y + at.height + 11;
      texts.push(draw("text", { x: middle, y, class: "label" }, ` ${box.label}`));
    }
    return texts;
  }

  /** @param {PlacedEdge} placed */
  _edge(placed) {
    const [, , further] = placed.edge;
    const state = STATE_WORDS[placed.state] || "same";
    const group = draw("g", { class: `edge${further ? " skip" : ""} state-${state}` });
    const tip = /** @type {Point} */ (placed.points[placed.points.length - 1]);
    const before = /** @type {Point} */ (placed.points[placed.points.length - 2]);
    const bowed = further && placed.points.length === 2 && tip[1] === before[1];
    const way = bowed ? bowedWay(before, tip) : roundedWay(placed.points, further ? 10 : 5);
    const from = /** @type {Point} */ (bowed ? [tip[0] - 8, tip[1] - 9] : before);
    const ends = [placed.edge[0], placed.edge[1]].map((number) => this._named(placed, number));
    group.append(
      draw("title", {}, `${ends.join(" to ")}: ${placed.edge[3].join(" x ")}`),
      draw("path", { d: way, class: "line" }),
      draw("path", { d: arrowHead(from, tip), class: "head" }),
    );
    return group;
  }

  /** @param {PlacedEdge} placed @param {number} number */
  _named(placed, number) {
    const box = this.at(within(placed.around, number));
    return box ? box.path || box.box.title : "";
  }

  // --- opening and selecting ----------------------------------------------------------

  /** @param {string} address */
  at(address) {
    return this.scene.boxes.find((box) => box.address === address);
  }

  /** @param {string} address */
  toggle(address) {
    if (this.at(address)?.box.inside === undefined) return;
    if (!this.opened.delete(address)) this.opened.add(address);
    this.render();
    this._focus(address);
  }

  /** Open all that is seen one level further. */
  openMore() {
    for (const { address, box } of this.scene.boxes) {
      if (box.inside !== undefined) this.opened.add(address);
    }
    this.render();
  }

  closeAll() {
    this.opened.clear();
    this.render();
    this.fit();
  }

  /** The nearest box that is drawn around an address. @param {string} address */
  _shown(address) {
    const steps = address.split(".");
    while (steps.length > 1 && !this.at(steps.join("."))) steps.pop();
    return this.at(steps.join(".")) ? steps.join(".") : "0";
  }

  /** The innermost box that is drawn and stands for a module. @param {string} path */
  boxOf(path) {
    let best = "";
    let length = -1;
    for (const { address, box, around } of this.scene.boxes) {
      for (const member of box.members ?? []) {
        const own = joined(around, member);
        const holds = path === own || path.startsWith(`${own}.`);
        if (holds && own.length + address.length > length) {
          best = address;
          length = own.length + address.length;
        }
      }
    }
    return best;
  }

  /** @param {string} address @param {boolean} [seen] */
  select(address, seen = true) {
    this.selected = address;
    if (address) this.focused = address;
    this.render();
    const element = this._element(address);
    if (element && seen) element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** @param {string} address */
  _element(address) {
    if (!address) return null;
    return this.svg.querySelector(`[data-address="${address}"]`);
  }

  /** @param {string} address */
  _focus(address) {
    this.focused = address;
    for (const element of this.svg.querySelectorAll(".box")) {
      element.setAttribute("tabindex", "-1");
    }
    const element = this._element(address);
    if (!(element instanceof SVGElement)) return;
    element.setAttribute("tabindex", "0");
    element.focus();
  }

  /** @param {MouseEvent} event */
  _onClick(event) {
    const target = /** @type {Element} */ (event.target);
    const address = target.closest(".box")?.getAttribute("data-address");
    const placed = address ? this.at(address) : undefined;
    if (!placed || !address) return;
    if (target.closest(".toggle") || event.detail === 2) this.toggle(address);
    else this.onSelect(placed);
  }

  /** @param {KeyboardEvent} event */
  _onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const placed = this.at(this.focused);
    if (!placed) return;
    const order = this.scene.boxes;
    const place = order.indexOf(placed);
    if (event.key === "Enter") {
      if (placed.box.inside !== undefined) this.toggle(placed.address);
      else this.onSelect(placed);
    } else if (event.key === " ") {
      this.onSelect(placed);
      this._focus(placed.address);
    } else if (event.key in WAYS) {
      this._focus(nearest(placed, order, WAYS[event.key] ?? [0, 0]).address);
    } else if (event.key === "Home" || event.key === "End") {
      const wanted = event.key === "Home" ? order[0] : order[order.length - 1];
      if (wanted) this._focus(wanted.address);
    } else if (event.key === "]" || event.key === "[") {
      const next = order[place + (event.key === "]" ? 1 : -1)];
      if (next) this._focus(next.address);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Moving the drawing with the mouse. */
  _dragging() {
    /** @type {{x: number, y: number, left: number, top: number}|null} */
    let start = null;
    this.pane.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.pointerType === "touch") return;
      if (event.target instanceof Element && event.target.closest(".box")) return;
      const { scrollLeft, scrollTop } = this.pane;
      start = { x: event.clientX, y: event.clientY, left: scrollLeft, top: scrollTop };
    });
    window.addEventListener("pointermove", (event) => {
      if (!start) return;
      this.pane.scrollLeft = start.left - (event.clientX - start.x);
      this.pane.scrollTop = start.top - (event.clientY - start.y);
    });
    window.addEventListener("pointerup", () => {
      start = null;
    });
    this.pane.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        this.zoomTo(this.zoom * Math.exp(-event.deltaY / 300));
      },
      { passive: false },
    );
  }
}

const WAYS = /** @type {Record<string, Point>} */ ({
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
});

/**
 * The box that is next in a direction, or the same where there is none.
 * @param {PlacedBox} from @param {PlacedBox[]} boxes @param {Point} way
 */
function nearest(from, boxes, way) {
  let best = from;
  let least = Infinity;
  const [x, y] = centre(from.at);
  for (const box of boxes) {
    const [ownX, ownY] = centre(box.at);
    const along = (ownX - x) * way[0] + (ownY - y) * way[1];
    const beside = Math.abs((ownX - x) * way[1]) + Math.abs((ownY - y) * way[0]);
    const distance = along + 3 * beside;
    if (along > 1 && beside <= 4 * along && distance < least) {
      best = box;
      least = distance;
    }
  }
  return best;
}

/** @param {Rectangle} at @returns {Point} */
function centre(at) {
  return [at.x + at.width / 2, at.y + at.height / 2];
}
