// What the colours of the flow stand for.

/** @param {PageData} data */
function kindsOf(data) {
  /** @type {Map<string, Map<string, number>>} */
  const known = new Map();
  const boxes = data.graphs.slice(0, 1).flatMap((graph) => graph.boxes);
  for (const box of boxes) {
    const own = known.get(box.family) ?? new Map();
    known.set(box.family, own);
    const kind = (box.blocks ?? []).join(" and ");
    if (!own.has(kind)) own.set(kind, own.size % data.rule.tints);
  }
  return {
    /** @param {Box} box */
    tint(box) {
      return known.get(box.family)?.get((box.blocks ?? []).join(" and ")) ?? 0;
    },
    /** @returns {[string, number, string][]} */
    entries() {
      return [...known]
        .filter(([family]) => family !== "input")
        .flatMap(([family, own]) =>
          [...own].map(
            ([kind, tint]) => /** @type {[string, number, string]} */ ([family, tint, kind || family]),
          ),
        );
    },
  };
}

/** @param {PageData} data @param {ReturnType<typeof kindsOf>} kinds */
function showLegend(data, kinds) {
  const legend = byId("legend");
  for (const [family, tint, words] of kinds.entries()) {
    legend.append(sample(`family-${family} tint-${tint}`, words));
  }
  const edges = data.graphs[0]?.edges ?? [];
  if (edges.some((edge) => edge[2])) legend.append(sample("skip", "skip connection, or another branch"));
  if (data.graphs[0]?.frames.length) legend.append(sample("frame", "runs once for each patch"));
  if (!data.compares) return;
  for (const state of [1, 2, 3]) {
    const words = `${STATE_SIGNS[state]} ${STATE_WORDS[state]}`;
    legend.append(sample(`state-${STATE_WORDS[state]}`, words));
  }
}

/** @param {string} className @param {string} words */
function sample(className, words) {
  const entry = make("span", "entry");
  const swatch = make("i", `swatch ${className}`);
  swatch.setAttribute("aria-hidden", "true");
  entry.append(swatch, words);
  return entry;
}
