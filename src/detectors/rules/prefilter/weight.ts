/** Marks a word boundary at the beginning or end of a literal. */
export const BOUNDARY = '\u0001'

export function bareText(literal: string): string {
  return literal.replaceAll(BOUNDARY, '')
}

/** Information content of letters in English text, in bits. */
const LETTERS: Readonly<Record<string, number>> = {
  e: 3, t: 3.5, a: 3.6, o: 3.7, i: 3.8, n: 3.9, s: 3.9, r: 4, h: 4.1, l: 4.5, d: 4.6, c: 5, u: 5.1, m: 5.2, p: 5.4,
  f: 5.5, g: 5.6, w: 5.4, y: 5.7, b: 6, v: 6.6, k: 7, x: 8, j: 8, q: 9, z: 9,
} // biome-ignore format: one table
/** Information content of URL separators, in bits; all other symbols are rare in URLs. */
const SIGNS: Readonly<Record<string, number>> = {
  '/': 3, '.': 4, '-': 3.5, '_': 4.5, '=': 4.5, '&': 5.5, '?': 5.5, ' ': 6, ':': 7, '%': 6, '+': 6, ',': 7,
} // biome-ignore format: one table
const DIGIT = 4.5
const EDGE = 1.5
const RARE_SIGN = 13
/** Extra bits for a symbol after a symbol, which is rarer than the two separately. */
const SIGN_AFTER_SIGN = 5
/** Number of positions in a target of normal length, in bits. */
const PLACES = 5

/** Common words in URLs, far more frequent than their letters suggest. */
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
 * Estimates how rare a literal is in targets of normal requests, in bits: English letter frequencies, common URL
 * separators, rare other symbols, and common URL words. Only the order matters: the prefilter uses the rarest literals
 * that a rule needs.
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

/** Weight of a set of alternatives: the more alternatives, the lower. */
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

/** Per ASCII code: the bits of a character, and 1 if it is a symbol. */
const BITS = Float64Array.from({ length: 128 }, (_, code) => bitsOf(String.fromCharCode(code)))
const IS_SIGN = Uint8Array.from({ length: 128 }, (_, code) => (/[\w\u0001]/.test(String.fromCharCode(code)) ? 0 : 1))
