import { statSync } from 'node:fs'
import { type LoadOptions, loadRules, type RuleSet } from './load.ts'
import { ruleFiles } from './rule-files.ts'

/** The rules of some directories, read again when a file of theirs has changed. The last good set stays in force. */
export class RuleSource {
  readonly #directories: readonly string[]
  readonly #options: LoadOptions
  #current: RuleSet
  /** What the directories held when they were read last, whether it was good or not. */
  #seen: string

  /** Throws an OddlineError RULE_INVALID. */
  constructor(directories: readonly string[], options: LoadOptions = {}) {
    this.#directories = directories
    this.#options = options
    this.#seen = this.#listing()
    this.#current = loadRules(directories, options)
  }

  get current(): RuleSet {
    return this.#current
  }

  /**
   * The new rules if they changed since the last call, else undefined. Throws an OddlineError RULE_INVALID if what is
   * there now cannot be used, once for each change: the rules before stay current.
   */
  refresh(): RuleSet | undefined {
    const now = this.#listing()
    if (now === this.#seen) return undefined
    this.#seen = now
    this.#current = loadRules(this.#directories, this.#options)
    return this.#current
  }

  /** Path, size and time of change of every file; what cannot be listed is a state of its own. */
  #listing(): string {
    return this.#directories
      .map((directory) => {
        try {
          return ruleFiles(directory).map(describeFile).join('\n')
        } catch {
          return `${directory} cannot be read`
        }
      })
      .join('\n')
  }
}

function describeFile(path: string): string {
  const { size, mtimeMs, ino } = statSync(path)
  return `${path} ${size} ${mtimeMs} ${ino}`
}
