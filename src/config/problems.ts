import { closest, distance } from 'fastest-levenshtein'
import type { z } from 'zod'
import { entriesOf, metaOf, schemaAt } from './walk.ts'

/** Where each value came from, by its path: `logs.dir` -> `LOG_DIR in the environment`. */
export type Origins = ReadonlyMap<string, string>

/** Each fault of a configuration in a line: its path, where it was set, what is wrong, what was expected, the nearest name. */
export function describeProblems(schema: z.ZodType, error: z.ZodError, origins: Origins): string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const path = [...issue.path, key].join('.')
        const at = schemaAt(schema, issue.path)
        const names = at ? entriesOf(at).map(([name]) => name) : []
        return `${path}${from(origins, path)}: unknown key.${nearest(key, names)}`
      })
    }
    const path = issue.path.join('.')
    const at = schemaAt(schema, issue.path)
    const meaning = at ? metaOf(at).description : undefined
    return [`${path || '(the file)'}${from(origins, path)}: ${issue.message}.${meaning ? ` It is: ${meaning}.` : ''}`]
  })
}

function from(origins: Origins, path: string): string {
  for (const [known, origin] of origins) {
    if (known === path || path.startsWith(`${known}.`) || known.startsWith(`${path}.`)) return ` (${origin})`
  }
  return ''
}

function nearest(key: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const best = closest(key, names)
  if (distance(key, best) <= Math.max(2, Math.floor(best.length / 3))) return ` Did you mean \`${best}\`?`
  return ` Known here: ${names.join(', ')}.`
}
