import { RE2JS } from 're2js'
import { requiredLiterals } from './regex-literals.ts'

export interface CompiledRegex {
  readonly test: (value: string) => boolean
  /** As in ValueTest. */
  readonly literals: readonly (readonly string[])[]
}

/**
 * Compiles a regular expression with RE2's engine, whose time is linear in the value: an expression that RE2 refuses
 * (look-around, back-references) has no such bound and is refused with the reason. `flags` is a subset of `ims`.
 */
export function compileRegex(source: string, flags: string): CompiledRegex {
  let bits = 0
  if (flags.includes('i')) bits |= RE2JS.CASE_INSENSITIVE
  if (flags.includes('m')) bits |= RE2JS.MULTILINE
  if (flags.includes('s')) bits |= RE2JS.DOTALL
  let regex: RE2JS
  try {
    regex = RE2JS.compile(source, bits)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`the regular expression ${source} cannot run in linear time: ${reason}`)
  }
  return { test: (value) => regex.test(value), literals: requiredLiterals(source) }
}
