/** Special tokens: padding, begin and end of a session, unknown template. */
export const PAD = 0
export const BOS = 1
export const EOS = 2
export const UNK = 3
export const FIRST_TEMPLATE = 4

/**
 * Maps template ids to the token ids of a model. The most frequent templates have a token of their own. All others, also
 * those that appear after the training, are UNK. This bounds the cost of the softmax, which is linear in the size.
 */
export class Vocabulary {
  /** Template id of each token from FIRST_TEMPLATE on. */
  readonly templates: readonly number[]
  /** Token of each template id; 0 if it has none. A table, because template ids are small. */
  readonly #tokens: Int32Array

  constructor(templates: readonly number[]) {
    this.templates = templates
    this.#tokens = new Int32Array(templates.reduce((most, template) => Math.max(most, template), -1) + 1)
    templates.forEach((template, i) => {
      this.#tokens[template] = FIRST_TEMPLATE + i
    })
  }

  /** The at most `limit` most frequent template ids with at least `minimum` occurrences; of equals the lower id first. */
  static of(sequences: readonly Int32Array[], limit: number, minimum = 1): Vocabulary {
    const counts = new Map<number, number>()
    for (const sequence of sequences) {
      for (const template of sequence) counts.set(template, (counts.get(template) ?? 0) + 1)
    }
    const frequent = [...counts].filter(([, count]) => count >= minimum).sort((a, b) => b[1] - a[1] || a[0] - b[0])
    return new Vocabulary(frequent.slice(0, limit).map(([template]) => template))
  }

  /** Number of tokens, including the special ones. */
  get size(): number {
    return FIRST_TEMPLATE + this.templates.length
  }

  token(template: number): number {
    return this.#tokens[template] || UNK
  }

  /** A session as tokens: BOS, its templates and, if `complete`, EOS. */
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
