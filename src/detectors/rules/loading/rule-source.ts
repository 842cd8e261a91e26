import { statSync } from 'node:fs'
import { type LoadOptions, loadRules, type RuleSet } from './load.ts'
import { ruleFiles } from './rule-files.ts'

/**
 * The rules of some directories, read again when a file changes. If the new rules are invalid, the last valid ones stay
 * active.
 */
export class RuleSource {
  readonly #directories: readonly string[]
  readonly #options: LoadOptions
  #current: RuleSet
  /** The directory listing at the last read, whether it was valid or not. */
  #seen: string

  /** @throws OddlineError RULE_INVALID */
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
   * Returns the new rules if they changed since the last call, else undefined.
   * @throws OddlineError RULE_INVALID once per change if the new rules are invalid; the previous rules stay current
   */
  refresh(): RuleSet | undefined {
    const now = this.#listing()
    if (now === this.#seen) return undefined
    this.#seen = now
    this.#current = loadRules(this.#directories, this.#options)
    return this.#current
  }

  /** Path, size and modification time of every file. A directory that cannot be listed is a state as well. */
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
