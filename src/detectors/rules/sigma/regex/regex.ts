import { RE2JS } from 're2js'
import { requiredLiterals } from './regex-literals.ts'

export interface CompiledRegex {
  readonly test: (value: string) => boolean
  /** As in ValueTest. */
  readonly literals: readonly (readonly string[])[]
}

/**
 * A regular expression for RE2's engine, which runs in linear time. It must have been checked by `checkRegex`, as a
 * whole or as part of a larger one. It is compiled on first use, because literals exclude most events and it uses much
 * memory.
 */
export function compileRegex(source: string, flags: string): CompiledRegex {
  let regex: RE2JS | undefined
  const test = (value: string) => {
    regex ??= RE2JS.compile(source, bitsOf(flags))
    return regex.test(value)
  }
  return { test, literals: literalsOf(source) }
}

/**
 * Checks that RE2 accepts an expression. RE2 refuses look-around and back-references, which have no time limit. `flags`
 * is a subset of `ims`.
 * @throws Error with the reason
 */
export function checkRegex(source: string, flags: string): void {
  const key = `${flags} ${source}`
  if (accepted.has(key)) return
  try {
    RE2JS.compile(source, bitsOf(flags))
    if (accepted.size < MOST) accepted.add(key)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`the regular expression ${source} cannot run in linear time: ${reason}`)
  }
}

function bitsOf(flags: string): number {
  let bits = 0
  if (flags.includes('i')) bits |= RE2JS.CASE_INSENSITIVE
  if (flags.includes('m')) bits |= RE2JS.MULTILINE
  if (flags.includes('s')) bits |= RE2JS.DOTALL
  return bits
}

/** Facts about regular expressions: those that RE2 accepts (prefixed with their flags), and the literals of each. */
export interface RegexFacts {
  readonly accepted: readonly string[]
  readonly literals: readonly (readonly [source: string, sets: readonly (readonly string[])[]])[]
}

/** Most entries in the caches, because changed rule files and API requests keep bringing new expressions. */
const MOST = 20_000
const accepted = new Set<string>()
const literals = new Map<string, readonly (readonly string[])[]>()

export function regexFacts(): RegexFacts {
  return { accepted: [...accepted], literals: [...literals] }
}

export function learnRegexes(facts: RegexFacts): void {
  for (const key of facts.accepted) accepted.add(key)
  for (const [source, sets] of facts.literals) literals.set(source, sets)
}

function literalsOf(source: string): readonly (readonly string[])[] {
  const known = literals.get(source)
  if (known !== undefined) return known
  const sets = requiredLiterals(source)
  if (literals.size < MOST) literals.set(source, sets)
  return sets
}
