/** Marks a position that holds a parameter. */
export const WILD = -2

/** Most templates of one group; beyond that, every position where they differ becomes a parameter. */
const MAX_TEMPLATES = 64

export interface GroupSnapshot {
  readonly shared: readonly number[]
  readonly values: readonly (number[] | null)[]
  readonly parameter: readonly number[]
  readonly templates: readonly { readonly id: number; readonly tokens: readonly number[] }[]
}

/** Similar messages of one length: an entry of a tree leaf, with its templates. */
export class Group {
  /** Tokens common to all messages; WILD where they differ. */
  readonly #shared: Int32Array
  /**
   * The values of each position where messages differ; undefined if they do not differ, or the position is a parameter.
   */
  readonly #values: (number[] | undefined)[]
  readonly #parameter: Uint8Array
  /** Most values of a position that may distinguish templates. */
  readonly #few: number
  readonly #templates: { readonly id: number; readonly tokens: Int32Array }[] = []
  /** Number of positions where messages differ. */
  parameters = 0

  constructor(tokens: Int32Array, few: number) {
    this.#few = few
    this.#shared = tokens
    this.#values = new Array(tokens.length).fill(undefined)
    this.#parameter = new Uint8Array(tokens.length)
  }

  snapshot(): GroupSnapshot {
    return {
      shared: [...this.#shared],
      values: this.#values.map((values) => values ?? null),
      parameter: [...this.#parameter],
      templates: this.#templates.map(({ id, tokens }) => ({ id, tokens: [...tokens] })),
    }
  }

  static restore(snapshot: GroupSnapshot, few: number): Group {
    const group = new Group(Int32Array.from(snapshot.shared), few)
    snapshot.values.forEach((values, i) => {
      group.#values[i] = values ?? undefined
    })
    group.#parameter.set(snapshot.parameter)
    for (const { id, tokens } of snapshot.templates) group.#templates.push({ id, tokens: Int32Array.from(tokens) })
    group.parameters = snapshot.shared.filter((token) => token === WILD).length
    return group
  }

  /** Stores the token arrays of this group's templates in a list by id, so that both share them. */
  share(templates: (Int32Array | undefined)[]): void {
    for (const { id, tokens } of this.#templates) templates[id] = tokens
  }

  /** Number of common tokens that the message has at the same positions. */
  equal(tokens: Int32Array): number {
    const shared = this.#shared
    let equal = 0
    for (let i = 0; i < shared.length; i++) if (shared[i] === tokens[i]) equal++
    return equal
  }

  /** The template of a message without learning; 0 if none fits. */
  find(tokens: Int32Array): number {
    for (const template of this.#templates) if (fits(template.tokens, tokens)) return template.id
    return 0
  }

  /** Learns a message of this group and returns its template, which may be new. */
  take(
    tokens: Int32Array,
    masked: Uint8Array,
    create: (tokens: Int32Array) => number,
    merge: (from: number, into: number) => void,
  ): number {
    const known = this.find(tokens)
    if (known !== 0) return known
    for (let i = 0; i < this.#shared.length; i++) this.#learn(i, tokens[i], masked, merge)
    if (this.#templates.length === MAX_TEMPLATES) {
      for (let i = 0; i < this.#shared.length; i++) if (this.#shared[i] === WILD) this.#open(i, merge)
    }
    const afterwards = this.find(tokens)
    if (afterwards !== 0) return afterwards
    const pattern = this.#shared.map((shared, i) =>
      this.#parameter[i] === 1 ? WILD : shared === WILD ? tokens[i] : shared,
    )
    const id = create(pattern)
    if (id !== 0) this.#templates.push({ id, tokens: pattern })
    return id
  }

  #learn(place: number, token: number, masked: Uint8Array, merge: (from: number, into: number) => void): void {
    const shared = this.#shared[place]
    if (shared === token || this.#parameter[place] === 1) return
    if (shared !== WILD) {
      this.#values[place] = [shared]
      this.#shared[place] = WILD
      this.parameters++
      if (isValue(shared, masked)) this.#open(place, merge)
    }
    const values = this.#values[place]
    if (values === undefined || values.includes(token)) return
    if (values.length >= this.#few || isValue(token, masked)) this.#open(place, merge)
    else values.push(token)
  }

  /** Makes a position a parameter. Templates that differed only there are merged into the oldest one. */
  #open(place: number, merge: (from: number, into: number) => void): void {
    if (this.#parameter[place] === 1) return
    this.#parameter[place] = 1
    this.#values[place] = undefined
    for (const { tokens } of this.#templates) tokens[place] = WILD
    for (let i = 0; i < this.#templates.length; i++) {
      for (let j = this.#templates.length - 1; j > i; j--) {
        if (!same(this.#templates[i].tokens, this.#templates[j].tokens)) continue
        merge(this.#templates[j].id, this.#templates[i].id)
        this.#templates.splice(j, 1)
      }
    }
  }
}

function isValue(token: number, masked: Uint8Array): boolean {
  return token < 0 || masked[token] === 1
}

function fits(template: Int32Array, tokens: Int32Array): boolean {
  for (let i = 0; i < template.length; i++) {
    if (template[i] !== WILD && template[i] !== tokens[i]) return false
  }
  return true
}

function same(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
