import { createHash } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { version } from '../../../core/version.ts'
import { learnRegexes, type RegexFacts, regexFacts } from '../sigma/regex/regex.ts'

interface Content {
  readonly version: string
  /** By digest of a file: what its YAML documents hold. Only files without a fault are kept. */
  readonly documents: Record<string, readonly unknown[]>
  readonly regexes: RegexFacts
}

/**
 * What reading rules comes to, so that the next start need not parse their YAML, try their regular expressions and look
 * for literals in them: most of the time that rules take. A cache of another version, or a damaged one, is none.
 */
export class RuleCache {
  readonly #documents: Record<string, readonly unknown[]>

  constructor(documents: Record<string, readonly unknown[]> = {}) {
    this.#documents = documents
  }

  static read(path: string | URL): RuleCache {
    const content = contentOf(path)
    if (content?.version !== version()) return new RuleCache()
    learnRegexes(content.regexes)
    return new RuleCache(content.documents)
  }

  documents(text: string): readonly unknown[] | undefined {
    const key = digestOf(text)
    return Object.hasOwn(this.#documents, key) ? this.#documents[key] : undefined
  }

  keep(text: string, documents: readonly unknown[]): void {
    if (isJson(documents)) this.#documents[digestOf(text)] = documents
  }

  /** Writes it with all that is known of regular expressions, whole or not at all. */
  write(path: string): void {
    const content: Content = { version: version(), documents: this.#documents, regexes: regexFacts() }
    const text = JSON.stringify(content)
    writeFileSync(`${path}.tmp`, `${digestOf(text)}\n${text}`)
    renameSync(`${path}.tmp`, path)
  }
}

let shipped: RuleCache | undefined

/** The cache that the build has left beside this file's folder; an empty one where there was no build. */
export function shippedCache(): RuleCache {
  shipped ??= RuleCache.read(new URL('../../../rules.cache', import.meta.url))
  return shipped
}

function contentOf(path: string | URL): Content | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    const end = text.indexOf('\n')
    const json = text.slice(end + 1)
    return digestOf(json) === text.slice(0, end) ? (JSON.parse(json) as Content) : undefined
  } catch {
    return undefined
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Whether JSON gives it back as it is: it has no number for infinity, and YAML has. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || typeof value !== 'object') return value !== undefined && typeof value !== 'bigint'
  const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
  return plain && Object.values(value).every(isJson)
}
