import { RE2JS } from 're2js'
import { requiredLiterals } from './regex-literals.ts'

export interface CompiledRegex {
  readonly test: (value: string) => boolean
  /** As in ValueTest. */
  readonly literals: readonly (readonly string[])[]
}

/**
 * A regular expression of RE2's engine, whose time is linear in the value. It has been checked, by itself or as a part,
 * and is made when it is first needed: most are kept from every event by their literals, and one takes much memory.
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
 * Throws an Error with the reason where RE2 refuses an expression (look-around, back-references): it has no bound on
 * its time. `flags` is a subset of `ims`.
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

/** What was found out about regular expressions: which RE2 takes, with their flags before them, and their literals. */
export interface RegexFacts {
  readonly accepted: readonly string[]
  readonly literals: readonly (readonly [source: string, sets: readonly (readonly string[])[]])[]
}

/** Rules are read again when their files change, and whoever asks for an analysis may bring some: it has to end. */
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
