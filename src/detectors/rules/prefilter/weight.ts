/** Stands at the beginning or end of a literal that must stand there at the edge of a word. */
export const BOUNDARY = '\u0001'

export function bareText(literal: string): string {
  return literal.replaceAll(BOUNDARY, '')
}

/** Letters by how often they stand in English text, in bits: `e` in one letter of eight, `z` in one of a thousand. */
const LETTERS: Readonly<Record<string, number>> = {
  e: 3, t: 3.5, a: 3.6, o: 3.7, i: 3.8, n: 3.9, s: 3.9, r: 4, h: 4.1, l: 4.5, d: 4.6, c: 5, u: 5.1, m: 5.2, p: 5.4,
  f: 5.5, g: 5.6, w: 5.4, y: 5.7, b: 6, v: 6.6, k: 7, x: 8, j: 8, q: 9, z: 9,
} // biome-ignore format: one table
/** Separators of URLs; all other signs are rare in them. */
const SIGNS: Readonly<Record<string, number>> = {
  '/': 3, '.': 4, '-': 3.5, '_': 4.5, '=': 4.5, '&': 5.5, '?': 5.5, ' ': 6, ':': 7, '%': 6, '+': 6, ',': 7,
} // biome-ignore format: one table
const DIGIT = 4.5
const EDGE = 1.5
const RARE_SIGN = 13
/** A sign after a sign is rarer than the two apart. */
const SIGN_AFTER_SIGN = 5
/** Places in a target of ordinary length where a literal may stand, in bits. */
const PLACES = 5

/** Words that addresses are made of, far more often than their letters say. */
const VOCABULARY = new Set(
  (
    'about account action admin api app article articles asp aspx assets author back base blog body book cart cat ' +
    'category class click code com comment content contact copy css cut data date default del detail details dir div ' +
    'download edit email en error event export feed file files find font form forum function get group help history ' +
    'home host href htm html http https icon id image images img in index info input ip item items java javascript jpg ' +
    'js json key lang last like link list load local location log login logout mail main map media menu message mode ' +
    'more move name net new news next node object on open option or order org out page pages param password path pay ' +
    'php play png post price print product products profile ps public query read ref rel reset return rss save script ' +
    'search section select send server service session set share shop show site size sort source src start stat ' +
    'static status step stop store style submit svg tag text time title to top type up update upload url user users ' +
    'value version video view web window wp www xml'
  ).split(' '),
)
const VOCABULARY_BITS = 6.5

/**
 * How rarely an ordinary request's target holds a literal, in bits, by a coarse model: letters by English, separators of
 * addresses common, other signs rare, and a list of the words that addresses are made of. Only ratios matter: a
 * prefilter chooses, of the literals that a rule cannot do without, the sets that ordinary traffic meets least.
 */
export function weightOf(literal: string): number {
  let bits = 0
  let signs = 0
  let letters = ''
  let afterSign = false
  for (let i = 0; i < literal.length; i++) {
    const code = literal.charCodeAt(i)
    const own = code < BITS.length ? BITS[code] : RARE_SIGN
    const sign = code >= IS_SIGN.length || IS_SIGN[code] === 1
    bits += own + (sign && afterSign ? SIGN_AFTER_SIGN : 0)
    if (code >= 97 && code <= 122) letters += literal[i]
    else signs += own
    afterSign = sign
  }
  if (VOCABULARY.has(letters)) bits = Math.min(bits, VOCABULARY_BITS + signs)
  return Math.max(0, bits - PLACES)
}

/** Weight of "one of these": the more alternatives, the more often one is met. */
export function weightOfAny(literals: readonly string[]): number {
  let probability = 0
  for (const literal of literals) probability += 2 ** -weightOf(literal)
  return literals.length === 0 ? 0 : -Math.log2(probability)
}

function bitsOf(char: string): number {
  if (char === BOUNDARY) return EDGE
  if (char >= '0' && char <= '9') return DIGIT
  return LETTERS[char] ?? SIGNS[char] ?? RARE_SIGN
}

/** By ASCII code: the bits of a character, and 1 if it is a sign. */
const BITS = Float64Array.from({ length: 128 }, (_, code) => bitsOf(String.fromCharCode(code)))
const IS_SIGN = Uint8Array.from({ length: 128 }, (_, code) => (/[\w\u0001]/.test(String.fromCharCode(code)) ? 0 : 1))
