import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Finding } from '../../core/documents/finding.ts'
import { messageOf, OddlineError } from '../../core/errors.ts'
import { syncDirectory } from '../../core/files/sync-directory.ts'
import type { Reject } from '../../core/parsed.ts'
import { DurableFile } from './durable-file.ts'
import { CSV_HEADER, csvRow } from './findings-csv.ts'
import { addFiles, noteMerge, undoMerge } from './merge.ts'
import { aloneIn, type SharedFolder, type Sharing, sharedFolder } from './shared-folder.ts'
import { type BatchSummary, replaceFile, summaryText, withBatch } from './summary.ts'

/** Makes the HTML page of some batches, which quotes lines from their rejects file. */
export type MakeReport = (batches: readonly string[], rejectsFile: string) => string

/**
 * The folder of one batch. Its name begins with a dot until it is complete, so it is there whole or not at all. If the
 * process died between finishing a folder and recording that, the folder is opened again.
 * Findings are appended with their commit; a resumed batch writes those of earlier commits from the database.
 * Rejects are written as they come. A resumed batch cuts their file to `rejectsBytes`, its length at the last commit,
 * because the lines after that are read again.
 * With `sharing`, the batches of an hour or a day share a folder: the first gives it its own, and the others add to it.
 */
export class BatchFolder {
  readonly #outputDir: string
  readonly #stamp: string
  readonly #sharing: Sharing | undefined
  readonly #partial: string
  readonly #rejects: DurableFile
  readonly #jsonl: DurableFile
  readonly #csv: DurableFile
  #path: string

  constructor(
    outputDir: string,
    startedAt: number,
    batch: string,
    rejectsBytes: number,
    earlier: Iterable<Finding>,
    sharing?: Sharing,
  ) {
    this.#outputDir = outputDir
    this.#sharing = sharing
    this.#stamp = new Date(startedAt).toISOString().replace(/[-:]|\.\d+/g, '')
    this.#path = join(outputDir, `${this.#stamp}-${batch}`)
    this.#partial = join(outputDir, `.${this.#stamp}-${batch}.partial`)
    const file = (name: string, length = 0) => new DurableFile(join(this.#partial, name), length)
    const [rejects, jsonl, csv] = this.#guard(() => {
      const finished = existsSync(this.#path) ? this.#path : aloneIn(outputDir, this.#stamp, batch)
      if (finished !== undefined) renameSync(finished, this.#partial)
      mkdirSync(this.#partial, { recursive: true })
      undoMerge(this.#partial)
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

  /** Where the results are, or will be. */
  get path(): string {
    return this.#path
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

  /** Syncs the results and gives them their place. */
  finish(summary: BatchSummary, report?: MakeReport): void {
    this.#guard(() => {
      for (const file of [this.#jsonl, this.#csv, this.#rejects]) {
        file.sync()
        file.close()
      }
      const shared = this.#sharing && sharedFolder(this.#outputDir, this.#stamp, this.#sharing)
      if (shared && this.#sharing) this.#addTo(shared, summary, this.#sharing, report)
      else this.#reveal(summary, report)
    })
  }

  /** Call it once the batch is recorded as done: it need not be undone any more. */
  settled(): void {
    this.#guard(() => rmSync(this.#partial, { recursive: true, force: true }))
  }

  /** Removes the folder of a batch that has nothing to say. */
  discard(): void {
    this.close()
    this.#guard(() => rmSync(this.#partial, { recursive: true }))
  }

  close(): void {
    for (const file of [this.#rejects, this.#jsonl, this.#csv]) file.close()
  }

  /** Gives the folder its name. */
  #reveal(summary: BatchSummary, report: MakeReport | undefined): void {
    const shared = this.#sharing && join(this.#outputDir, `${this.#stamp}-${this.#sharing.period}`)
    if (shared !== undefined && !existsSync(shared)) this.#path = shared
    const whole = this.#path === shared && this.#sharing ? withBatch(undefined, summary, this.#sharing.period) : summary
    const rejects = join(this.#partial, 'rejects.jsonl')
    if (summary.rejected === 0) rmSync(rejects)
    writeFileSync(join(this.#partial, 'summary.json'), summaryText(whole), { flush: true })
    if (report) writeFileSync(join(this.#partial, 'report.html'), report([summary.batch], rejects), { flush: true })
    syncDirectory(this.#partial)
    renameSync(this.#partial, this.#path)
    syncDirectory(dirname(this.#path))
  }

  /** Adds the results to a folder of earlier batches. */
  #addTo(shared: SharedFolder, summary: BatchSummary, sharing: Sharing, report: MakeReport | undefined): void {
    const { path } = shared
    this.#path = path
    noteMerge(this.#partial, path, shared.summary)
    const left = addFiles(this.#partial, path, shared.summary, sharing.rejectsListed)
    const unlisted = (summary.rejects_unlisted ?? 0) + left
    const counted = unlisted > 0 ? { ...summary, rejects_unlisted: unlisted } : summary
    const whole = withBatch(shared.summary, counted, sharing.period)
    replaceFile(join(path, 'summary.json'), summaryText(whole))
    if (report) replaceFile(join(path, 'report.html'), report(whole.batches, join(path, 'rejects.jsonl')))
    syncDirectory(path)
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
