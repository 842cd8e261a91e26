import { weightOfAny } from '../prefilter/weight.ts'

/**
 * Literals that every match of a regular expression must hold one of, after Russ Cox, "Regular Expression Matching with
 * a Trigram Index" (2012). It is an approximation from the safe side: what it does not understand it takes for "any text".
 */
export function requiredLiterals(source: string): readonly string[] {
  try {
    const parser = new Parser(source)
    const facts = parser.alternatives()
    return parser.done ? strongest(facts) : []
  } catch {
    return []
  }
}

/** What is known of a sub-expression's matches: all of them (`exact`), or texts of which each holds one (`anyOf`). */
interface Facts {
  readonly exact: readonly string[] | undefined
  readonly anyOf: readonly string[]
}

const UNKNOWN: Facts = { exact: undefined, anyOf: [] }
const EMPTY: Facts = { exact: [''], anyOf: [] }
const MAX_EXACT = 24
const MAX_ANY = 200

function strongest(facts: Facts): readonly string[] {
  const exact = facts.exact && !facts.exact.includes('') ? facts.exact : []
  return better(exact, facts.anyOf)
}

function better(a: readonly string[], b: readonly string[]): readonly string[] {
  return weightOfAny(a) >= weightOfAny(b) ? a : b
}

function concat(items: readonly Facts[]): Facts {
  let run: readonly string[] = ['']
  let complete = true
  let best: readonly string[] = []
  for (const item of items) {
    best = better(best, item.anyOf)
    const joined = item.exact && run.length * item.exact.length <= MAX_EXACT ? cross(run, item.exact) : undefined
    if (joined) {
      run = joined
      continue
    }
    if (!run.includes('')) best = better(best, run)
    complete = false
    run = item.exact ?? ['']
  }
  if (!run.includes('')) best = better(best, run)
  return { exact: complete ? run : undefined, anyOf: best }
}

function cross(left: readonly string[], right: readonly string[]): string[] {
  return [...new Set(left.flatMap((a) => right.map((b) => a + b)))]
}

function union(items: readonly Facts[]): Facts {
  if (items.length === 1) return items[0]
  const exact = items.every((item) => item.exact) ? [...new Set(items.flatMap((item) => item.exact!))] : undefined
  const known = items.map(strongest)
  const anyOf = known.every((set) => set.length > 0) ? [...new Set(known.flat())] : []
  return {
    exact: exact && exact.length <= MAX_EXACT ? exact : undefined,
    anyOf: anyOf.length <= MAX_ANY ? anyOf : [],
  }
}

class Parser {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  get done(): boolean {
    return this.#at === this.#source.length
  }

  alternatives(): Facts {
    const branches = [this.#sequence()]
    while (this.#source[this.#at] === '|') {
      this.#at++
      branches.push(this.#sequence())
    }
    return union(branches)
  }

  #sequence(): Facts {
    const items: Facts[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at])) {
      items.push(this.#repeated(this.#atom()))
    }
    return concat(items)
  }

  #repeated(atom: Facts): Facts {
    const quantifier = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.#source.slice(this.#at, this.#at + 16))
    if (!quantifier) return atom
    this.#at += quantifier[0].length
    const sign = quantifier[0][0]
    if (sign === '*') return UNKNOWN
    if (sign === '?') return { exact: atom.exact && [...new Set(['', ...atom.exact])], anyOf: [] }
    const min = sign === '+' ? 1 : Number(quantifier[1])
    if (min === 0) return UNKNOWN
    if (sign === '{' && quantifier[2] === '' && min <= 4) return concat(new Array<Facts>(min).fill(atom))
    return { exact: undefined, anyOf: strongest(atom) }
  }

  #atom(): Facts {
    const char = this.#source[this.#at++]
    if (char === '^' || char === '$') return EMPTY
    if (char === '.') return UNKNOWN
    if (char === '(') return this.#group()
    if (char === '[') return this.#set()
    if (char === '\\') return this.#escape()
    return single(char)
  }

  #group(): Facts {
    if (this.#source[this.#at] === '?') {
      const flags = /^\?[a-zA-Z-]*([:)])/.exec(this.#source.slice(this.#at, this.#at + 16))
      const named = /^\?P?<[a-zA-Z_]\w*>/.exec(this.#source.slice(this.#at, this.#at + 64))
      if (flags) this.#at += flags[0].length
      else if (named) this.#at += named[0].length
      else throw new Error('unknown group')
      if (flags?.[1] === ')') return EMPTY
    }
    const inner = this.alternatives()
    if (this.#source[this.#at++] !== ')') throw new Error('open group')
    return inner
  }

  #set(): Facts {
    const set = /^\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]/s.exec(this.#source.slice(this.#at))
    if (!set) throw new Error('open set')
    this.#at += set[0].length
    const body = set[0].slice(0, -1)
    if (body.startsWith('^') || /\\[a-zA-Z\d]|.-.|\[:/s.test(body)) return UNKNOWN
    const chars = [...new Set(body.replace(/\\(.)/gs, '$1').toLowerCase())]
    return chars.length <= 8 ? union(chars.map(single)) : UNKNOWN
  }

  #escape(): Facts {
    const char = this.#source[this.#at++]
    if ('bBAzZ'.includes(char)) return EMPTY
    if (char === 'x') {
      const hex = /^(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})/.exec(this.#source.slice(this.#at))
      if (!hex) throw new Error('bad escape')
      this.#at += hex[0].length
      return single(String.fromCodePoint(Number.parseInt(hex[1] ?? hex[2], 16)))
    }
    if (/[a-zA-Z0-9]/.test(char)) {
      if ('pPQkuU0123456789C'.includes(char)) throw new Error('not followed')
      return UNKNOWN
    }
    return single(char)
  }
}

/** A character as itself; beyond ASCII the bytes differ from the character, so nothing is relied upon. */
function single(char: string): Facts {
  const code = char.codePointAt(0)!
  return code > 0 && code < 0x80 ? { exact: [char.toLowerCase()], anyOf: [] } : UNKNOWN
}
