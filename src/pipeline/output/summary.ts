import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { emptyTotals, type Totals } from '../../core/documents/batch.ts'
import type { Phase } from '../../core/documents/finding.ts'
import { sumTotals } from '../../queries/batches.ts'

type Period = 'hour' | 'day'
type Counts = Omit<Totals, 'rejects_bytes'>

interface Facts {
  readonly started: string
  readonly finished: string
  readonly phase: Phase
  /** False if a batch was stopped early; the next one read the rest. */
  readonly complete: boolean
}

/** `summary.json` in the folder of one batch. */
export type BatchSummary = Facts & { readonly batch: string } & Counts

/** `summary.json` in a folder that the batches of an hour or a day share. */
export type SharedSummary = Facts & { readonly folder: Period; readonly batches: readonly string[] } & Counts

/** The summary of a shared folder with one more batch. */
export function withBatch(before: SharedSummary | undefined, summary: BatchSummary, folder: Period): SharedSummary {
  const { batch, started, finished, phase, complete, ...counts } = summary
  const all = [...(before ? [before] : []), counts].map((totals) => ({ totals: { ...emptyTotals(), ...totals } }))
  const { rejects_bytes: _, ...sum } = sumTotals(all)
  return {
    folder,
    batches: [...(before?.batches ?? []), batch],
    started: before?.started ?? started,
    finished,
    phase,
    complete,
    ...sum,
  }
}

/** The summary of a shared folder; undefined where it is missing or not whole. */
export function readShared(folder: string): SharedSummary | undefined {
  try {
    const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as SharedSummary
    return Array.isArray(summary.batches) && Array.isArray(summary.files) ? summary : undefined
  } catch {
    return undefined
  }
}

/** Writes a file of a folder that others may be reading: they see the old text or the new one. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text, { flush: true })
  renameSync(`${path}.tmp`, path)
}

export function summaryText(summary: BatchSummary | SharedSummary): string {
  return `${JSON.stringify(summary, null, 2)}\n`
}
