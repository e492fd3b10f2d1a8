// What boxes and edges look like, and what is said of them.

/** A box in words, whole, for who hears it or points at it. @param {PlacedBox} placed */
function boxWords(placed) {
  const { box } = placed;
  const words = [placed.path || box.title];
  if (box.detail) words.push(box.detail);
  if (box.shape?.length) words.push(`gives ${box.shape.join(" x ")}`);
  if (box.output) words.push(`result ${box.output}`);
  if (placed.state) words.unshift(STATE_WORDS[placed.state] ?? "");
  if (placed.before) words.push(`before: ${placed.before}`);
  return words.join(", ");
}

/** What stands in a box, cut to fit. @param {PlacedBox} placed @returns {[string, string]} */
function shownTexts({ box, state, opened }) {
  const sign = state ? `${STATE_SIGNS[state]} ` : "";
  const detail = opened ? "" : (box.shortDetail ?? box.detail ?? "");
  return [sign + (box.shortTitle ?? box.title), detail];
}

/** What is seen of a box, and then what is not: who speaks to the page says the first.
 * @param {PlacedBox} placed */
function spoken(placed) {
  const seen = [...shownTexts(placed), placed.box.label ?? ""].filter(Boolean).join(" ");
  return `${seen}. ${boxWords(placed)}`;
}

/** The patches of an image, as lines on it. @param {PlacedBox} placed */
function cutLines({ box, at }) {
  const [down, across] = (box.cuts ?? [])
    .map((cut) => [cut[cut.length - 2] ?? 1, cut[cut.length - 1] ?? 1])
    .reduce((most, cut) => ((cut[0] ?? 1) * (cut[1] ?? 1) > (most[0] ?? 1) * (most[1] ?? 1) ? cut : most), [1, 1]);
  const lines = [];
  for (let number = 1; number < Math.min(across ?? 1, 16); number += 1) {
    const x = at.x + (at.width * number) / Math.min(across ?? 1, 16);
    lines.push(draw("line", { x1: x, x2: x, y1: at.y, y2: at.y + at.height, class: "cut" }));
  }
  for (let number = 1; number < Math.min(down ?? 1, 16); number += 1) {
    const y = at.y + (at.height * number) / Math.min(down ?? 1, 16);
    lines.push(draw("line", { x1: at.x, x2: at.x + at.width, y1: y, y2: y, class: "cut" }));
  }
  return lines;
}

/** @param {PlacedBox} placed */
function toggleMark({ at, opened }) {
  const [x, y] = [at.x + at.width - 7, at.y + 7];
  const cross = opened ? `M${x - 3},${y}h6` : `M${x - 3},${y}h6M${x},${y - 3}v6`;
  const group = draw("g", { class: "toggle" });
  group.append(
    draw("rect", { x: x - 9, y: y - 9, width: 18, height: 18, class: "reach" }),
    draw("path", { d: cross }),
  );
  return [group];
}

/** @param {PlacedFrame} placed */
function frameShape({ frame, at }) {
  const group = draw("g", { class: "frame" });
  group.append(
    draw("title", {}, `${frame[0]}: runs once for each of ${frame[1]} patches`),
    draw("rect", { ...at, rx: 6 }),
    draw("text", { x: at.x + 8, y: at.y + 13 }, `${frame[1]} patches`),
  );
  return group;
}

// --- lines ------------------------------------------------------------------------------

/** @param {Point[]} points @param {number} radius */
function roundedWay(points, radius) {
  const way = [`M${points[0]}`];
  for (let index = 1; index + 1 < points.length; index += 1) {
    const [before, corner, after] = /** @type {[Point, Point, Point]} */ (
      points.slice(index - 1, index + 2)
    );
    const reach = Math.min(radius, apart(before, corner) / 2, apart(corner, after) / 2);
    way.push(`L${towards(corner, before, reach)}Q${corner} ${towards(corner, after, reach)}`);
  }
  way.push(`L${points[points.length - 1]}`);
  return way.join("");
}

/** @param {Point} start @param {Point} end */
function bowedWay(start, end) {
  return `M${start}C${start[0] + 8},${start[1] - 9} ${end[0] - 8},${end[1] - 9} ${end}`;
}

/** @param {Point} before @param {Point} tip */
function arrowHead(before, tip) {
  const length = apart(before, tip) || 1;
  const along = [(tip[0] - before[0]) / length, (tip[1] - before[1]) / length];
  const [dx, dy] = /** @type {Point} */ (along);
  const [x, y] = [tip[0] - dx * 6, tip[1] - dy * 6];
  return `M${tip}L${x - dy * 2.6},${y + dx * 2.6}L${x + dy * 2.6},${y - dx * 2.6}Z`;
}

/** @param {Point} one @param {Point} other */
function apart(one, other) {
  return Math.hypot(other[0] - one[0], other[1] - one[1]);
}

/** @param {Point} start @param {Point} end @param {number} distance @returns {Point} */
function towards(start, end, distance) {
  const share = distance / (apart(start, end) || 1);
  return [start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share];
}
