import { ANCHOR, concat, type Facts, SEPARATOR, setsOf, UNKNOWN, union } from './regex-facts.ts'

/** Extracts literals from RE2 syntax. It throws if it meets syntax that it does not support. */
export class RegexReader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  read(): Facts {
    const facts = this.#alternatives()
    if (this.#at < this.#source.length) throw new Error('trailing text')
    return facts
  }

  #alternatives(): Facts {
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
    if (sign === '?') return { exact: atom.exact && [...new Set(['', ...atom.exact])], sets: [], edge: false }
    const min = sign === '+' ? 1 : Number(quantifier[1])
    if (min === 0) return UNKNOWN
    const repeated = sign === '{' && min <= 4 ? concat(new Array<Facts>(min).fill(atom)) : atom
    if (sign === '{' && quantifier[2] === '') return repeated
    return { exact: undefined, sets: setsOf(repeated), edge: atom.edge, ends: atom.exact }
  }

  #atom(): Facts {
    const char = this.#source[this.#at++]
    if (char === '^' || char === '$') return ANCHOR
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
      if (flags?.[1] === ')') return { exact: [''], sets: [], edge: false }
    }
    const inner = this.#alternatives()
    if (this.#source[this.#at++] !== ')') throw new Error('open group')
    return inner
  }

  #set(): Facts {
    const end = endOfSet(this.#source, this.#at)
    if (end < 0) throw new Error('open set')
    const body = this.#source.slice(this.#at, end - 1)
    this.#at = end
    // White space is the only class supported inside a set; ranges and other classes are not.
    const plain = body.replaceAll('\\s', '').replaceAll('\\n', '')
    if (body.startsWith('^') || /\\[a-zA-Z\d]|.-.|\[:/s.test(plain)) return UNKNOWN
    const chars = [...new Set(plain.replace(/\\(.)/gs, '$1').toLowerCase())].map(single)
    const spaces = body.includes('\\s') ? [WHITE_SPACE] : body.includes('\\n') ? [single('\n')] : []
    return chars.length <= 24 && chars.length + spaces.length > 0 ? union([...chars, ...spaces]) : UNKNOWN
  }

  #escape(): Facts {
    const char = this.#source[this.#at++]
    if ('bAzZ'.includes(char)) return ANCHOR
    if (char === 'B') return { exact: [''], sets: [], edge: false }
    if (char === 's') return WHITE_SPACE
    if (char === 'W') return SEPARATOR
    if (char === 'n') return single('\n')
    if (char === 'x') {
      const hex = /^(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})/.exec(this.#source.slice(this.#at))
      if (!hex) throw new Error('bad escape')
      this.#at += hex[0].length
      return single(String.fromCodePoint(Number.parseInt(hex[1] ?? hex[2], 16)))
    }
    if (char === 'd') return DIGIT
    if (/[a-zA-Z0-9]/.test(char)) {
      if ('pPQEkuU0123456789C'.includes(char)) throw new Error('not followed')
      return UNKNOWN
    }
    return single(char)
  }
}

const WHITE_SPACE: Facts = { exact: [' ', '\n', '\t', '\r', '\f', '\v'], sets: [], edge: true }

const DIGIT: Facts = { exact: [...'0123456789'], sets: [], edge: false }

/** A single character. For non-ASCII characters nothing is assumed, because their bytes differ. */
function single(char: string): Facts {
  const code = char.codePointAt(0)!
  if (code < 2 || code >= 0x80) return UNKNOWN
  return { exact: [char.toLowerCase()], sets: [], edge: !/\w/.test(char) }
}

/** The top-level alternatives of a regular expression, so that each can be matched separately. */
export function topAlternatives(source: string): readonly string[] {
  if (/^\(\?[a-z]+\)|\\Q/.test(source)) return [source]
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let i = 0; i < source.length; i++) {
    const char = source[i]
    if (char === '\\') i++
    else if (char === '[') {
      const end = endOfSet(source, i + 1)
      if (end < 0) return [source]
      i = end - 1
    } else if (char === '(') depth++
    else if (char === ')') depth--
    else if (char === '|' && depth === 0) {
      parts.push(source.slice(from, i))
      from = i + 1
    }
  }
  parts.push(source.slice(from))
  return depth === 0 ? parts : [source]
}

const SET = /\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]/sy

/** The end of the set whose bracket opens before `at`; -1 if it is not closed. */
function endOfSet(source: string, at: number): number {
  SET.lastIndex = at
  return SET.test(source) ? SET.lastIndex : -1
}
