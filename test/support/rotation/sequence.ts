import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredFile } from '../../../src/core/files/stored-file.ts'
import { Reader, type ReaderOptions } from '../../../src/reading/reader.ts'
import type { Action, Setting } from './actions.ts'
import { Ledger } from './ledger.ts'
import { Program } from './program.ts'

const NEVER_MS = Number.POSITIVE_INFINITY
/** More than a tick of the file system's clock. */
const TICK_MS = 12

export interface SequenceResult {
  readonly linesIn: number
  readonly linesOut: number
  readonly deletedUnread: number
  readonly runs: number
  readonly kills: number
  readonly rotations: number
  readonly duplicates: readonly string[]
  readonly lost: readonly string[]
  readonly invented: readonly string[]
}

/** Plays a sequence of actions on real files and reads them in runs that know only what was committed. */
export async function playSequence(setting: Setting, actions: readonly Action[]): Promise<SequenceResult> {
  const dir = mkdtempSync(join(tmpdir(), 'oddline-sequence-'))
  const sequence = new Sequence(dir, setting)
  try {
    for (const action of actions) await sequence.do(action)
    return await sequence.finish()
  } finally {
    sequence.close()
    rmSync(dir, { recursive: true })
  }
}

class Sequence {
  readonly #ledger = new Ledger()
  readonly #programs: readonly Program[]
  readonly #options: ReaderOptions
  #stored = new Map<number, StoredFile>()
  #runs = 0
  #kills = 0
  #rotations = 0

  constructor(dir: string, setting: Setting) {
    const logDir = join(dir, 'log')
    mkdirSync(logDir)
    this.#programs = ['app.log', 'db.log'].map((name) => new Program(logDir, name, setting, this.#ledger))
    this.#options = {
      logDir,
      include: ['**/*'],
      exclude: [],
      maxRecordBytes: 330,
      chunkBytes: 1320,
      sniff: () => ({ format: 'plain', framing: 'lines', context: '' }),
      settleMs: NEVER_MS,
      maxOpenFiles: 8,
      clock: { now: () => Date.now() },
    }
  }

  async do(action: Action): Promise<void> {
    switch (action.kind) {
      case 'on':
        return this.#act(action)
      case 'run':
        return this.#run(this.#options, action.during, action.killAfter, action.commitEvery)
      case 'quiet_run':
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TICK_MS)
        return this.#run({ ...this.#options, clock: { now: () => Date.now() + 10_000 } })
      default:
        action satisfies never
    }
  }

  async finish(): Promise<SequenceResult> {
    for (const program of this.#programs) program.finish()
    await this.#run(this.#options)
    await this.#run({ ...this.#options, settleMs: -1_000 })
    await this.#run({ ...this.#options, settleMs: -1_000 })
    const ledger = this.#ledger
    return {
      linesIn: ledger.linesIn,
      linesOut: ledger.linesOut,
      deletedUnread: ledger.deletedUnread,
      runs: this.#runs,
      kills: this.#kills,
      rotations: this.#rotations,
      duplicates: ledger.duplicates(),
      lost: ledger.lost(),
      invented: ledger.invented(),
    }
  }

  close(): void {
    for (const program of this.#programs) program.close()
  }

  #act(action: Extract<Action, { kind: 'on' }>): void {
    if (/^(?:rotate|copy_?truncate)/.test(action.action.kind)) this.#rotations++
    this.#programs[action.log].do(action.action)
  }

  async #run(
    options: ReaderOptions,
    during: readonly Action[] = [],
    killAfter = Number.POSITIVE_INFINITY,
    commitEvery = 2,
  ): Promise<void> {
    this.#runs++
    const reader = new Reader(options, [...this.#stored.values()])
    const waiting = [...during]
    let lines: string[] = []
    const commit = () => {
      for (const row of reader.moved()) this.#stored.set(row.id, row)
      for (const line of lines) this.#ledger.read(line)
      lines = []
    }
    await reader.discover()
    for (let blocks = 0; ; blocks++) {
      const action = waiting.shift()
      if (action !== undefined) await this.do(action)
      const read = await reader.next()
      if (read === undefined) break
      const { bytes, count, starts, ends } = read.block
      for (let i = 0; i < count; i++) lines.push(bytes.toString('utf8', starts[i], ends[i]))
      if (blocks >= killAfter) {
        this.#kills++
        await reader.close()
        return
      }
      if ((blocks + 1) % commitEvery === 0) commit()
    }
    commit()
    await reader.close()
  }
}
