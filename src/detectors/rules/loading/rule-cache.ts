import { createHash } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { version } from '../../../core/version.ts'
import { learnRegexes, type RegexFacts, regexFacts } from '../sigma/regex/regex.ts'

interface Content {
  readonly version: string
  /** Content of the YAML documents by digest of their file. Only files without errors are stored. */
  readonly documents: Record<string, readonly unknown[]>
  readonly regexes: RegexFacts
}

/**
 * Caches parsed rules, so that the next start need not parse YAML, check regular expressions and extract their
 * literals, which is most of the time for reading rules. A cache of another version, or a damaged one, is ignored.
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

  /** Writes the cache atomically, including all facts about regular expressions. */
  write(path: string): void {
    const content: Content = { version: version(), documents: this.#documents, regexes: regexFacts() }
    const text = JSON.stringify(content)
    writeFileSync(`${path}.tmp`, `${digestOf(text)}\n${text}`)
    renameSync(`${path}.tmp`, path)
  }
}

let shipped: RuleCache | undefined

/** The cache created by the build; empty without a build. */
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

/** True if JSON preserves the value; for example, YAML has infinity and JSON has not. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || typeof value !== 'object') return value !== undefined && typeof value !== 'bigint'
  const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
  return plain && Object.values(value).every(isJson)
}
