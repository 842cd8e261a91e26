import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { messageOf, OddlineError } from '../core/errors.ts'
import type { Finding } from '../core/finding.ts'
import type { Reject } from '../core/parsed.ts'
import { DurableFile } from './durable-file.ts'
import { CSV_HEADER, csvRow } from './findings-csv.ts'

/**
 * The folder of one batch, under a name that begins with a dot until it is complete: it is there whole or not at all.
 * One that was finished but not yet recorded as done when the process died is opened again.
 * Rejects are written as they come; `rejectsBytes` is what the last commit of an interrupted run knows of their file,
 * and what was written after that commit is cut off, because its lines are read again.
 */
export class BatchFolder {
  readonly path: string
  readonly #partial: string
  readonly #rejects: DurableFile

  constructor(outputDir: string, startedAt: number, batch: string, rejectsBytes: number) {
    const stamp = new Date(startedAt).toISOString().replace(/[-:]|\.\d+/g, '')
    this.path = join(outputDir, `${stamp}-${batch}`)
    this.#partial = join(outputDir, `.${basename(this.path)}.partial`)
    this.#rejects = this.#guard(() => {
      if (existsSync(this.path)) renameSync(this.path, this.#partial)
      mkdirSync(this.#partial, { recursive: true })
      return new DurableFile(join(this.#partial, 'rejects.jsonl'), rejectsBytes)
    })
  }

  reject(file: string, rejects: readonly Reject[]): void {
    this.#guard(() => {
      for (const reject of rejects) this.#rejects.write(`${JSON.stringify({ file, ...reject })}\n`)
    })
  }

  /** Puts the rejects on the disk and returns the length of their file; called before the commit that counts them. */
  sync(): number {
    return this.#guard(() => this.#rejects.sync())
  }

  /**
   * Writes the results and gives the folder its final name. `report` is given the path of the rejects, and makes the
   * page for people.
   */
  finish(summary: object, findings: Iterable<Finding>, report?: (rejectsFile: string) => string): void {
    this.#guard(() => {
      const jsonl = new DurableFile(join(this.#partial, 'findings.jsonl'))
      const csv = new DurableFile(join(this.#partial, 'findings.csv'))
      csv.write(CSV_HEADER)
      for (const finding of findings) {
        jsonl.write(`${JSON.stringify(finding)}\n`)
        csv.write(csvRow(finding))
      }
      for (const file of [jsonl, csv]) {
        file.sync()
        file.close()
      }
      writeFileSync(join(this.#partial, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`, { flush: true })
      const rejects = this.#rejects.sync()
      this.#rejects.close()
      if (report) {
        const page = report(join(this.#partial, 'rejects.jsonl'))
        writeFileSync(join(this.#partial, 'report.html'), page, { flush: true })
      }
      if (rejects === 0) rmSync(join(this.#partial, 'rejects.jsonl'))
      renameSync(this.#partial, this.path)
    })
  }

  close(): void {
    this.#rejects.close()
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
      const advice = full ? 'Free some space' : 'Mend the directory'
      throw new OddlineError(
        full ? 'DISK_FULL' : 'OUTPUT_FAILED',
        `Cannot write the results to ${this.#partial}: ${messageOf(error)}. ${advice} and run again; nothing is lost.`,
        { cause: error },
      )
    }
  }
}
