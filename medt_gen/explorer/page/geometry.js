// From grids to points, by the rule that `drawing/points.py` writes down.

/**
 * @typedef {Object} Bands
 * @property {number[]} starts
 * @property {number[]} sizes
 * @property {number[]} leads where the first track of each gutter runs
 * @property {number} total
 */

/**
 * @typedef {Object} Layout
 * @property {string} address
 * @property {number} index
 * @property {[number, number][]} extents
 * @property {Bands} columns
 * @property {Bands} rows
 * @property {number[]} above
 * @property {number[]} below
 * @property {Map<number, Layout>} inner
 */

/**
 * @typedef {Object} PlacedBox
 * @property {string} address
 * @property {string} path of its module in the network
 * @property {string} around the path of the module that it is inside of
 * @property {Box} box
 * @property {Rectangle} at
 * @property {boolean} opened
 * @property {number} state
 * @property {string} before
 */

/** @typedef {{around: string, edge: Edge, points: Point[], state: number}} PlacedEdge */
/** @typedef {{frame: Frame, at: Rectangle}} PlacedFrame */

/**
 * @typedef {Object} Scene
 * @property {number} width
 * @property {number} height
 * @property {(PlacedBox|PlacedEdge)[]} items what is around before what is inside
 * @property {PlacedBox[]} boxes
 * @property {PlacedFrame[]} frames
 */

/** @param {string} address @param {number} number */
function within(address, number) {
  return address === "" ? String(number) : `${address}.${number}`;
}

/** @param {string} around @param {string} name */
function joined(around, name) {
  return around && name ? `${around}.${name}` : around || name;
}

/**
 * @param {number[]} sizes @param {Gutter[]} gutters
 * @param {number} gap @param {number} badge @param {Rule} rule
 * @returns {Bands}
 */
function bandsOf(sizes, gutters, gap, badge, rule) {
  /** @type {number[]} */
  const starts = [];
  /** @type {number[]} */
  const leads = [];
  let at = 0;
  gutters.forEach(([tracks, closing, opening], number) => {
    at += closing * rule.region;
    if (number === 0 || number === sizes.length) {
      leads.push(at + rule.track / 2);
      at += tracks * rule.track;
    } else {
      leads.push(at + gap / 2);
      at += gap + Math.max(tracks - 1, 0) * rule.track;
    }
    at += opening * (rule.region + badge);
    if (number < sizes.length) {
      starts.push(at);
      at += sizes[number] ?? 0;
    }
  });
  return { starts, sizes, leads, total: at };
}

/**
 * @param {PageData} data @param {Set<string>} opened
 * @param {string} address @param {number} index
 * @returns {Layout}
 */
function layoutOf(data, opened, address, index) {
  const graph = data.graphs[index];
  if (!graph) throw new Error(`there is no graph ${index}`);
  const rule = data.rule;
  /** @type {Map<number, Layout>} */
  const inner = new Map();
  graph.boxes.forEach((box, number) => {
    const own = within(address, number);
    if (box.inside !== undefined && opened.has(own)) {
      inner.set(number, layoutOf(data, opened, own, box.inside));
    }
  });
  const wide = new Array(graph.columns).fill(0);
  const high = new Array(graph.rows).fill(0);
  const above = new Array(graph.rows).fill(0);
  const below = new Array(graph.rows).fill(0);
  /** @type {[number, number][]} */
  const extents = [];
  graph.boxes.forEach((box, number) => {
    const extent = extentOf(box, inner.get(number), rule);
    const [column, row] = graph.cells[number] ?? [0, 0];
    extents.push(extent);
    wide[column] = Math.max(wide[column], extent[0], box.labelWidth);
    high[row] = Math.max(high[row], extent[1]);
    if (box.label) (box.above ? above : below)[row] = rule.label;
  });
  const whole = high.map((height, row) => above[row] + height + below[row]);
  const columns = bandsOf(wide, graph.columnGutters, rule.gapAcross, 0, rule);
  const rows = bandsOf(whole, graph.rowGutters, rule.gapDown, rule.badgeDown, rule);
  return { address, index, extents, columns, rows, above, below, inner };
}

/**
 * @param {Box} box @param {Layout|undefined} inner @param {Rule} rule
 * @returns {[number, number]}
 */
function extentOf(box, inner, rule) {
  if (!inner) return [box.width, box.height];
  const wide = Math.max(inner.columns.total, box.titleWidth ?? 0);
  return [wide + 2 * rule.room, inner.rows.total + 2 * rule.room + rule.head];
}

/** @param {PageData} data @param {Set<string>} opened @returns {Scene} */
function sceneOf(data, opened) {
  const room = data.rule.room;
  const layout = layoutOf(data, opened, "", 0);
  /** @type {Scene} */
  const scene = {
    width: layout.columns.total + 2 * room,
    height: layout.rows.total + 2 * room,
    items: [],
    boxes: [],
    frames: [],
  };
  place(scene, data, layout, room, room, "");
  return scene;
}

/**
 * @param {Scene} scene @param {PageData} data @param {Layout} layout
 * @param {number} x @param {number} y @param {string} around
 */
function place(scene, data, layout, x, y, around) {
  const graph = data.graphs[layout.index];
  if (!graph) return;
  for (const frame of graph.frames) {
    scene.frames.push({ frame, at: frameAt(layout, frame, x, y, data.rule) });
  }
  const places = graph.boxes.map((_, number) => boxAt(layout, graph, number, x, y));
  graph.edges.forEach((edge, number) => {
    const [source, target] = [places[edge[0]], places[edge[1]]];
    if (!source || !target) return;
    const points = wayOf(layout, edge, source, target, x, y, data.rule);
    const state = graph.edgeStates?.[number] ?? 0;
    scene.items.push({ around: layout.address, edge, points, state });
  });
  graph.boxes.forEach((box, number) => {
    const at = places[number];
    if (!at) return;
    const inner = layout.inner.get(number);
    const path = box.path ? joined(around, box.path) : "";
    /** @type {PlacedBox} */
    const placed = {
      address: within(layout.address, number),
      path,
      around,
      box,
      at,
      opened: inner !== undefined,
      state: graph.boxStates?.[number] ?? 0,
      before: graph.boxBefore?.[number] ?? "",
    };
    scene.items.push(placed);
    scene.boxes.push(placed);
    if (inner) {
      const left = (at.width - inner.columns.total) / 2;
      const top = data.rule.head + data.rule.room;
      place(scene, data, inner, at.x + left, at.y + top, path || around);
    }
  });
}

/**
 * @param {Layout} layout @param {Graph} graph @param {number} number
 * @param {number} x @param {number} y @returns {Rectangle}
 */
function boxAt(layout, graph, number, x, y) {
  const [width, height] = layout.extents[number] ?? [0, 0];
  const [column, row] = graph.cells[number] ?? [0, 0];
  const across = middleOf(layout.columns, column);
  const strips = (layout.above[row] ?? 0) - (layout.below[row] ?? 0);
  const down = middleOf(layout.rows, row) + strips / 2;
  return { x: x + across - width / 2, y: y + down - height / 2, width, height };
}

/** @param {Bands} bands @param {number} band */
function middleOf(bands, band) {
  return (bands.starts[band] ?? 0) + (bands.sizes[band] ?? 0) / 2;
}

/** @param {Bands} bands @param {number} band */
function endOf(bands, band) {
  return (bands.starts[band] ?? 0) + (bands.sizes[band] ?? 0);
}

/**
 * @param {Layout} layout @param {Frame} frame @param {number} x @param {number} y
 * @param {Rule} rule @returns {Rectangle}
 */
function frameAt(layout, frame, x, y, rule) {
  const [, , firstColumn, firstRow, lastColumn, lastRow, levels] = frame;
  const margin = levels * rule.region;
  const left = (layout.columns.starts[firstColumn] ?? 0) - margin;
  const top = (layout.rows.starts[firstRow] ?? 0) - margin - levels * rule.badgeDown;
  const right = endOf(layout.columns, lastColumn) + margin;
  const bottom = endOf(layout.rows, lastRow) + margin;
  return { x: x + left, y: y + top, width: right - left, height: bottom - top };
}

/**
 * @param {Layout} layout @param {Edge} edge @param {Rectangle} source
 * @param {Rectangle} target @param {number} x @param {number} y @param {Rule} rule
 * @returns {Point[]}
 */
function wayOf(layout, edge, source, target, x, y, rule) {
  const [, , , , startPort, endPort, bends] = edge;
  const start = portAt(source, startPort, rule);
  const end = portAt(target, endPort, rule);
  /** @type {Point[]} */
  const points = [start];
  let at = start;
  for (const [upright, gutter, track] of bends) {
    const bands = upright ? layout.columns : layout.rows;
    const lead = (bands.leads[gutter] ?? 0) + track * rule.track;
    at = upright ? [x + lead, at[1]] : [at[0], y + lead];
    points.push(at);
  }
  const last = bends[bends.length - 1];
  if (last) {
    points.push(last[0] ? [at[0], end[1]] : [end[0], at[1]]);
  } else if (at[0] !== end[0] && at[1] !== end[1]) {
    points.push(startPort[0] === 1 ? [end[0], at[1]] : [at[0], end[1]]);
  }
  points.push(end);
  return points;
}

/** @param {Rectangle} box @param {Port} port @param {Rule} rule @returns {Point} */
function portAt(box, [side, beside], rule) {
  const upright = side < 2;
  const most = Math.max((upright ? box.height : box.width) / 2 - rule.corner, 0);
  const offset = Math.max(-most, Math.min(beside * rule.port, most));
  const x = box.x + box.width / 2;
  const y = box.y + box.height / 2;
  if (upright) return [box.x + (side === 1 ? box.width : 0), y + offset];
  return [x + offset, box.y + (side === 3 ? box.height : 0)];
}
