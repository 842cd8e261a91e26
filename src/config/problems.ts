import { closest, distance } from 'fastest-levenshtein'
import type { z } from 'zod'
import { entriesOf, metaOf, schemaAt } from './walk.ts'

/** The source of each value, by its path: `logs.dir` -> `LOG_DIR in the environment`. */
export type Origins = ReadonlyMap<string, string>

/** One line for each problem: the path, the source of the value, what is wrong, what the key means, the closest key. */
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
    return [`${path || '(the file)'}${from(origins, path)}: ${issue.message}.${at ? meaningOf(at) : ''}`]
  })
}

/** The first sentence of a key's description. */
function meaningOf(schema: z.core.$ZodType): string {
  const { description } = metaOf(schema)
  return description ? ` Meaning: ${description.replace(/\.(\s.*)?$/, '')}.` : ''
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
  return ` Valid keys: ${names.join(', ')}.`
}
