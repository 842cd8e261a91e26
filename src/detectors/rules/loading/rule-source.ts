import { statSync } from 'node:fs'
import { messageOf, OddlineError } from '../../../core/errors.ts'
import { type LoadOptions, loadRules, type RuleFile, type RuleSet } from './load.ts'
import { ruleFiles } from './rule-files.ts'

/** Where valid rules are kept for a start at which the files are invalid. */
interface LastValid {
  save(files: readonly RuleFile[]): void
  load(): RuleSet | undefined
}

/**
 * The rules of some directories, read again when a file changes. If the new rules are invalid, the last valid ones stay
 * active.
 */
export class RuleSource {
  readonly #directories: readonly string[]
  readonly #options: LoadOptions
  readonly #lastValid: LastValid | undefined
  #current: RuleSet
  #files: readonly RuleFile[] = []
  #problem: string | undefined
  /** The directory listing at the last read, whether it was valid or not. */
  #seen: string

  /** @throws OddlineError RULE_INVALID if the rules are invalid and none were valid before */
  constructor(directories: readonly string[], options: LoadOptions = {}, lastValid?: LastValid) {
    this.#directories = directories
    this.#options = options
    this.#lastValid = lastValid
    this.#seen = this.#listing()
    try {
      this.#current = this.#load()
    } catch (error) {
      const valid = error instanceof OddlineError ? lastValid?.load() : undefined
      if (!valid) throw error
      this.#current = valid
    }
  }

  get current(): RuleSet {
    return this.#current
  }

  /** Why the files are not what is in use; undefined if they are. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Keeps the rules in use for a start at which the files are invalid. */
  keep(): void {
    if (this.#problem === undefined) this.#lastValid?.save(this.#files)
  }

  /**
   * Returns the new rules if they changed since the last call, else undefined.
   * @throws OddlineError RULE_INVALID once per change if the new rules are invalid; the previous rules stay current
   */
  refresh(): RuleSet | undefined {
    const now = this.#listing()
    if (now === this.#seen) return undefined
    this.#seen = now
    this.#current = this.#load()
    return this.#current
  }

  #load(): RuleSet {
    const files: RuleFile[] = []
    try {
      const rules = loadRules(this.#directories, this.#options, [], (file) => files.push(file))
      this.#files = files
      this.#problem = undefined
      return rules
    } catch (error) {
      this.#problem = messageOf(error)
      throw error
    }
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
