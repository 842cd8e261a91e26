import { z } from 'zod'
import { Secret } from '../../core/secret.ts'

/** A required key that holds a secret. It turns text into a `Secret` and refuses the empty string. */
export function secret() {
  return z.union([z.instanceof(Secret), z.string().min(1).transform(toSecret)])
}

export function optionalSecret() {
  return secret().optional()
}

function toSecret(value: string): Secret {
  return new Secret(value)
}
