import { readFileSync } from 'node:fs'
import { messageOf } from '../../core/errors.ts'
import { Secret } from '../../core/secret.ts'

/** Where secrets come from: the environment and files. */
export interface SecretSources {
  readonly env?: NodeJS.ProcessEnv
  readonly readFile?: (path: string) => string
}

export function readText(path: string): string {
  return readFileSync(path, 'utf8')
}

/** Replaces `<key>_file` and `<key>_env` of each secret key with `<key>`, and wraps the secrets in `Secret`. */
export function resolveSecrets(
  own: Record<string, unknown>,
  keys: readonly string[],
  at: string,
  { env = process.env, readFile = readText }: SecretSources,
): Record<string, unknown> {
  const result = { ...own }
  for (const key of keys) {
    const given = [key, `${key}_file`, `${key}_env`].filter((k) => result[k] !== undefined)
    if (given.length > 1) throw new Error(`${at}: set only one of ${given.join(' and ')}`)
    const [from] = given
    if (from === undefined) continue
    const value = result[from]
    delete result[from]
    if (from === key) {
      result[key] = Array.isArray(value) ? value.map(wrapped) : wrapped(value)
      continue
    }
    if (typeof value !== 'string') throw new Error(`${at}.${from}: must be text`)
    const text = from === `${key}_env` ? env[value] : read(readFile, value, `${at}.${from}`)
    if (!text?.trim()) throw new Error(`${at}.${from}: ${value} is empty or does not exist; put the secret there`)
    result[key] = new Secret(text.trim())
  }
  return result
}

function wrapped(value: unknown): unknown {
  return typeof value === 'string' && value !== '' ? new Secret(value) : value
}

function read(readFile: (path: string) => string, path: string, at: string): string {
  try {
    return readFile(path)
  } catch (error) {
    throw new Error(`${at}: cannot read the secret (${messageOf(error)}); check the path and its permissions`)
  }
}
