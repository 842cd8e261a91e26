import { setsOf } from './regex-facts.ts'
import { RegexReader } from './regex-reader.ts'

/**
 * Literals that every match of a regular expression must hold, after Russ Cox, "Regular Expression Matching with a
 * Trigram Index" (2012): a list of sets, of each of which every match holds at least one. A literal may begin or end
 * with BOUNDARY, which says that it stands there at the edge of a word. It is an approximation from the safe side: what
 * is not understood is taken for "any text".
 */
export function requiredLiterals(source: string): readonly (readonly string[])[] {
  try {
    return setsOf(new RegexReader(source).read())
  } catch {
    return []
  }
}
