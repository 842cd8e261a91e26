import { createHash } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRegularFile } from '../../../core/files/regular-file.ts'
import { type LoadOptions, loadRules, type RuleFile, type RuleSet } from './load.ts'
import { ruleDirectories } from './rule-files.ts'
import { RuleSource } from './rule-source.ts'

const FILE = 'rules.kept'

type Settings = LoadOptions & Parameters<typeof ruleDirectories>[0]

/** The rules of the configuration. While they are invalid, those are used that were last kept in the state directory. */
export function openRuleSource(settings: Settings, stateDir: string): RuleSource {
  return new RuleSource(ruleDirectories(settings), settings, new KeptRules(settings, stateDir))
}

/**
 * A copy of the operator's rules in the state directory, as they last were valid. The shipped rules are not copied,
 * because they belong to the version that runs.
 */
class KeptRules {
  readonly #settings: Settings
  readonly #shipped: readonly string[]
  readonly #path: string

  constructor(settings: Settings, stateDir: string) {
    this.#settings = settings
    this.#shipped = ruleDirectories({ shipped: settings.shipped, dirs: [] })
    this.#path = join(stateDir, FILE)
  }

  /** Replaces the copy, whole or not at all. If it cannot be written, the last copy stays. */
  save(files: readonly RuleFile[]): void {
    const own = files.filter(({ path }) => !this.#shipped.some((directory) => path.startsWith(join(directory, '/'))))
    const json = JSON.stringify(own)
    const text = `${digestOf(json)}\n${json}`
    if (own.length === 0 || this.#read() === text) return
    try {
      writeFileSync(`${this.#path}.tmp`, text, { flush: true })
      renameSync(`${this.#path}.tmp`, this.#path)
    } catch {}
  }

  /** Undefined if there is no copy, or if it is damaged or not valid here. */
  load(): RuleSet | undefined {
    const text = this.#read() ?? ''
    const end = text.indexOf('\n')
    const json = text.slice(end + 1)
    if (end < 0 || digestOf(json) !== text.slice(0, end)) return undefined
    try {
      return loadRules(this.#shipped, this.#settings, JSON.parse(json) as RuleFile[])
    } catch {
      return undefined
    }
  }

  #read(): string | undefined {
    try {
      return readRegularFile(this.#path).toString()
    } catch {
      return undefined
    }
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
