/** Token ids that are not templates. Padding is never attended to by a scored position. */
export const PAD = 0
export const BOS = 1
export const EOS = 2
export const UNK = 3
export const FIRST_TEMPLATE = 4

/**
 * Template ids to the dense token ids of a model. The most frequent templates get a token; the others, and all that
 * come up later, are UNK, which keeps the softmax small: its cost is linear in this size.
 */
export class Vocabulary {
  /** Template id of each token from FIRST_TEMPLATE on. */
  readonly templates: readonly number[]
  /** Token of each template id; 0 for those that have none. */
  readonly #tokens: Int32Array

  /** Template ids are small: a table of them is faster than a map. */
  constructor(templates: readonly number[]) {
    this.templates = templates
    this.#tokens = new Int32Array(templates.reduce((most, template) => Math.max(most, template), -1) + 1)
    templates.forEach((template, i) => {
      this.#tokens[template] = FIRST_TEMPLATE + i
    })
  }

  /** The `limit` most frequent template ids of the sequences that occur at least `minimum` times; ties go to the lower id. */
  static of(sequences: readonly Int32Array[], limit: number, minimum = 1): Vocabulary {
    const counts = new Map<number, number>()
    for (const sequence of sequences) {
      for (const template of sequence) counts.set(template, (counts.get(template) ?? 0) + 1)
    }
    const frequent = [...counts].filter(([, count]) => count >= minimum).sort((a, b) => b[1] - a[1] || a[0] - b[0])
    return new Vocabulary(frequent.slice(0, limit).map(([template]) => template))
  }

  /** Tokens including the special ones. */
  get size(): number {
    return FIRST_TEMPLATE + this.templates.length
  }

  token(template: number): number {
    return this.#tokens[template] || UNK
  }

  /** A session as tokens: BOS, its templates and, where it came to its end, EOS. */
  session(templates: Int32Array, complete: boolean): Int32Array {
    const tokens = new Int32Array(templates.length + (complete ? 2 : 1)).fill(EOS)
    tokens[0] = BOS
    for (let i = 0; i < templates.length; i++) tokens[i + 1] = this.token(templates[i])
    return tokens
  }

  /** The template of a token, or undefined for a special one. */
  template(token: number): number | undefined {
    return this.templates[token - FIRST_TEMPLATE]
  }
}
