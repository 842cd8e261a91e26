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
  return { test, literals: requiredLiterals(source) }
}

/**
 * Throws an Error with the reason where RE2 refuses an expression (look-around, back-references): it has no bound on
 * its time. `flags` is a subset of `ims`.
 */
export function checkRegex(source: string, flags: string): void {
  try {
    RE2JS.compile(source, bitsOf(flags))
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
