import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type GeneratedFormat, generate } from '../../test/support/generate/generate.ts'
import { type Measured, measure } from './measure.ts'

const SUFFIX = { combined: 'log', auth: 'log', json: 'jsonl', csv: 'csv' } as const
const MAIN = join(import.meta.dirname, '../../src/main.js')

/** A directory with generated logs and models trained on them, where the program runs in a separate process. */
export class Yard {
  readonly dir: string
  readonly #warmup: number
  readonly #models = new Map<GeneratedFormat, Promise<string>>()
  #runs = 0

  /** Models learn from the first `warmup` lines of each log. */
  constructor(name: string, warmup: number) {
    this.dir = mkdtempSync(join(tmpdir(), `oddline-${name}-`))
    this.#warmup = warmup
  }

  /** A folder with one log of that many lines, created on first use. */
  logs(format: GeneratedFormat, lines: number, name: string = format): string {
    const folder = join(this.dir, name)
    if (existsSync(folder)) return folder
    mkdirSync(folder)
    generate(join(folder, `access.${SUFFIX[format]}`), { lines, seed: 1, format })
    return folder
  }

  /** The flags for models that were trained on the beginning of such a log, once. */
  async trained(format: GeneratedFormat): Promise<string[]> {
    const known = this.#models.get(format) ?? this.#train(format)
    this.#models.set(format, known)
    return ['--model-dir', await known]
  }

  /** A file with this configuration. */
  configured(name: string, text: string): string {
    const path = join(this.dir, `${name}.yaml`)
    writeFileSync(path, `${text}\n`)
    return path
  }

  /** Runs one batch with an empty state and its own output folder. */
  async run(folder: string, flags: readonly string[], node: readonly string[] = []): Promise<Measured> {
    const state = join(this.dir, `state-${this.#runs}`)
    const output = join(this.dir, `out-${this.#runs++}`)
    const places = ['--log-dir', folder, '--state-dir', state, '--output-dir', output]
    const measured = await measure(process.execPath, [...node, MAIN, 'run', '--once', '--json', ...places, ...flags])
    for (const place of [state, output]) rmSync(place, { recursive: true, force: true })
    return measured
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }

  async #train(format: GeneratedFormat): Promise<string> {
    const learnt = join(this.dir, `models-${format}`)
    const warm = this.logs(format, this.#warmup, `warm-${format}`)
    await this.run(warm, ['--warmup-logs', String(this.#warmup), '--model-dir', learnt])
    const versions = readdirSync(learnt).filter((name) => name.startsWith('v'))
    if (versions.length !== 2) throw new Error(`A forest and a transformer were expected, but there is ${versions}`)
    return learnt
  }
}
