import { setsOf } from './regex-facts.ts'
import { RegexReader } from './regex-reader.ts'

/**
 * Literals that every match of a regular expression must contain, after Russ Cox, "Regular Expression Matching with a
 * Trigram Index" (2012): a list of sets; every match contains at least one literal of each set. BOUNDARY at an end of a
 * literal means a word boundary there. The result is conservative: unsupported syntax counts as "any text".
 */
export function requiredLiterals(source: string): readonly (readonly string[])[] {
  try {
    return setsOf(new RegexReader(source).read())
  } catch {
    return []
  }
}
