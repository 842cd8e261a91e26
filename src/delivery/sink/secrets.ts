import { z } from 'zod'
import { Secret } from '../../core/secret.ts'

/** A required key that holds a secret: text in, `Secret` out. The empty string is refused, since it is never meant. */
export function secret() {
  return z.union([z.instanceof(Secret), z.string().min(1).transform(toSecret)])
}

export function optionalSecret() {
  return secret().optional()
}

function toSecret(value: string): Secret {
  return new Secret(value)
}
