// What the page is given: `encode.py` writes it. Graphs, rows and texts are numbered.

/**
 * @typedef {Object} Box
 * @property {string} key
 * @property {"input"|"parameter"|"operation"|"layer"|"chain"|"module"} kind
 * @property {string} family
 * @property {string} title
 * @property {string} [detail]
 * @property {number} width
 * @property {number} height
 * @property {string} [label] the size of what it gives
 * @property {number} labelWidth
 * @property {string} [path] from the module around
 * @property {string[]} [members] the modules that it stands for
 * @property {number[]} [shape]
 * @property {boolean} [above] whether its label is above it
 * @property {number[][]} [cuts] into how many patches its value is cut
 * @property {string} [output]
 * @property {string[]} [blocks]
 * @property {number} [inside] the graph that it opens into
 * @property {number} [titleWidth]
 * @property {string} [shortTitle]
 * @property {string} [shortDetail]
 */

/** @typedef {[number, number]} Port side: left, right, top, bottom; steps beside the middle */
/** @typedef {[number, number, number]} Bend upright or not, gutter, track */
/** @typedef {[number, number, number, number[], Port, Port, Bend[]]} Edge */
/** @typedef {[number, number, number]} Gutter tracks, closing and opening frames */
/** @typedef {[string, string, number, number, number, number, number]} Frame */

/**
 * @typedef {Object} Graph
 * @property {boolean} bySize
 * @property {Box[]} boxes
 * @property {Edge[]} edges
 * @property {number} columns
 * @property {number} rows
 * @property {[number, number][]} cells
 * @property {Gutter[]} columnGutters
 * @property {Gutter[]} rowGutters
 * @property {Frame[]} frames
 * @property {number[]} [boxStates]
 * @property {number[]} [edgeStates]
 * @property {Record<number, string>} [boxBefore]
 */

/** @typedef {[string, string, "given"|"inferred"|"default", string, string]} Argument */

/**
 * @typedef {Object} Facts
 * @property {Argument[]} [args]
 * @property {[number, number]} [spec] the text, and the line
 * @property {[number, number]} [made]
 * @property {[number, number][]} [calls]
 * @property {[number, number]} [own]
 */

/** @typedef {{name: string, text: string}} PageText */
/** @typedef {[number, number, number, number, number]} Cost output, and four counts */

/**
 * @typedef {Object} Rule
 * @property {number} gapAcross
 * @property {number} gapDown
 * @property {number} badgeDown
 * @property {number} track
 * @property {number} region
 * @property {number} port
 * @property {number} corner
 * @property {number} label
 * @property {number} room
 * @property {number} head
 * @property {number} tints how many kinds of one family have a colour of their own
 */

/**
 * @typedef {Object} PageData
 * @property {string} subject
 * @property {string} title
 * @property {boolean} compares
 * @property {[string, string][]} totals
 * @property {string} noFlow
 * @property {string} noLines
 * @property {string[]} notes
 * @property {string[]} changes
 * @property {string[]} strings
 * @property {number[]} depth
 * @property {number[]} name
 * @property {number[]} type
 * @property {number[]} text
 * @property {Record<number, number>} count
 * @property {Record<number, number>} state
 * @property {Record<number, string>} before
 * @property {Record<number, string>} change
 * @property {(Cost|null)[]} costs
 * @property {number[]} fact of each row, -1 where there is none
 * @property {Facts[]} facts
 * @property {PageText[]} texts
 * @property {PageText|null} emitted
 * @property {Rule} rule
 * @property {Graph[]} graphs
 */

/** @typedef {[number, number]} Point */
/** @typedef {{x: number, y: number, width: number, height: number}} Rectangle */
