import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Finding } from '../../core/documents/finding.ts'
import { messageOf, OddlineError } from '../../core/errors.ts'
import type { Reject } from '../../core/parsed.ts'
import { syncDirectory } from '../../core/sync-directory.ts'
import { DurableFile } from './durable-file.ts'
import { CSV_HEADER, csvRow } from './findings-csv.ts'

/**
 * The folder of one batch. Its name begins with a dot until it is complete, so it is there whole or not at all. If the
 * process died between finishing a folder and recording that, the folder is opened again.
 * Findings are appended with their commit; a resumed batch writes those of earlier commits from the database.
 * Rejects are written as they come. A resumed batch cuts their file to `rejectsBytes`, its length at the last commit,
 * because the lines after that are read again.
 */
export class BatchFolder {
  readonly path: string
  readonly #partial: string
  readonly #rejects: DurableFile
  readonly #jsonl: DurableFile
  readonly #csv: DurableFile

  constructor(outputDir: string, startedAt: number, batch: string, rejectsBytes: number, earlier: Iterable<Finding>) {
    const stamp = new Date(startedAt).toISOString().replace(/[-:]|\.\d+/g, '')
    this.path = join(outputDir, `${stamp}-${batch}`)
    this.#partial = join(outputDir, `.${basename(this.path)}.partial`)
    const file = (name: string, length = 0) => new DurableFile(join(this.#partial, name), length)
    const [rejects, jsonl, csv] = this.#guard(() => {
      if (existsSync(this.path)) renameSync(this.path, this.#partial)
      mkdirSync(this.#partial, { recursive: true })
      return [file('rejects.jsonl', rejectsBytes), file('findings.jsonl'), file('findings.csv')]
    })
    this.#rejects = rejects
    this.#jsonl = jsonl
    this.#csv = csv
    this.#guard(() => {
      csv.write(CSV_HEADER)
      for (const finding of earlier) this.#append(finding, JSON.stringify(finding))
    })
  }

  reject(file: string, rejects: readonly Reject[]): void {
    this.#guard(() => {
      for (const reject of rejects) this.#rejects.write(`${JSON.stringify({ file, ...reject })}\n`)
    })
  }

  /** Appends findings that are being committed. */
  found(findings: readonly { readonly finding: Finding; readonly document: string }[]): void {
    this.#guard(() => {
      for (const { finding, document } of findings) this.#append(finding, document)
    })
  }

  #append(finding: Finding, document: string): void {
    this.#jsonl.write(document)
    this.#jsonl.write('\n')
    this.#csv.write(csvRow(finding))
  }

  /** Syncs the rejects and returns the length of their file, for the commit that follows. */
  sync(): number {
    return this.#guard(() => this.#rejects.sync())
  }

  /** Syncs the results and gives the folder its final name. `report` makes the HTML page. */
  finish(summary: object, report?: (rejectsFile: string) => string): void {
    this.#guard(() => {
      for (const file of [this.#jsonl, this.#csv]) {
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
      syncDirectory(this.#partial)
      renameSync(this.#partial, this.path)
      syncDirectory(dirname(this.path))
    })
  }

  /** Removes the folder of a batch that has nothing to say. */
  discard(): void {
    this.close()
    this.#guard(() => rmSync(this.#partial, { recursive: true }))
  }

  close(): void {
    for (const file of [this.#rejects, this.#jsonl, this.#csv]) file.close()
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
      const advice = full ? 'Free some space' : 'Check that the directory exists and is writable'
      throw new OddlineError(
        full ? 'DISK_FULL' : 'OUTPUT_FAILED',
        `Cannot write the results to ${this.#partial}: ${messageOf(error)}. ${advice} and run again; nothing is lost.`,
        { cause: error },
      )
    }
  }
}
