import { closest, distance } from 'fastest-levenshtein'
import { z } from 'zod'
import type { Api } from './api.ts'
import { Problem } from './problem.ts'

/**
 * Refuses parameters of the address that a documented route does not know: a mistyped filter would otherwise be no filter.
 */
export function refuseUnknownParameters(app: Api): void {
  app.addHook('preValidation', async ({ query, routeOptions: { schema } }) => {
    if (!schema || schema.hide) return
    const known = schema.querystring instanceof z.ZodObject ? Object.keys(schema.querystring.shape) : []
    const unknown = Object.keys(query as object).find((name) => !known.includes(name))
    if (unknown === undefined) return
    const shown = JSON.stringify(unknown.slice(0, 50))
    throw new Problem('INVALID_REQUEST', `There is no parameter ${shown}. ${advice(unknown, known)}`)
  })
}

function advice(unknown: string, known: readonly string[]): string {
  if (known.length === 0) return 'This address takes none.'
  const best = closest(unknown.slice(0, 50), known)
  if (distance(unknown.slice(0, 50), best) <= Math.max(2, best.length / 3)) return `Did you mean ${best}?`
  return `This address takes ${known.join(', ')}.`
}
