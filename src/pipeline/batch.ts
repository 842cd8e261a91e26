import type { BatchProgress, BatchResult } from '../core/batch.ts'
import type { EventBlock } from '../core/block.ts'
import { sliceBlock } from '../core/block-slice.ts'
import type { Clock } from '../core/clock.ts'
import type { Finding, Phase } from '../core/finding.ts'
import { compileAdjustments } from '../learning/adjust.ts'
import type { Voter } from '../learning/force.ts'
import { adjustmentsAt } from '../store/adjustments.ts'
import { runningBatch, saveBatch } from '../store/batches.ts'
import type { Database } from '../store/database.ts'
import { findingsOfBatch } from '../store/findings.ts'
import { type CommitParts, commit } from './commit.ts'
import { judge } from './judge.ts'
import { BatchFolder } from './output.ts'
import type { Parser, RecordSource } from './ports.ts'
import { Tally } from './tally.ts'

/** Longest time between two commits, ms, and most findings held between them. */
const COMMIT_EVERY_MS = 1000
const COMMIT_FINDINGS = 2000

/** The learning side as the batch sees it; it may exchange the voters between two blocks. */
export interface Brain {
  readonly phase: Phase
  /** How far the models are that judge now: it changes only where they do. */
  readonly judging: Phase
  readonly voters: readonly Voter[]
  /** Events that may be taken in until the voters change; Infinity where none is foreseen. */
  readonly horizon: number
  /** Called after each block with what was flagged in it, which is never learnt. */
  learn(block: EventBlock, flagged: Uint8Array): Promise<void>
  checkpoints(): Promise<{ name: string; value: Uint8Array }[]>
}

export interface BatchDeps<Moved> {
  readonly db: Database
  readonly source: RecordSource<Moved>
  readonly parser: Parser
  readonly brain: Brain
  readonly parts: CommitParts<Moved>
  readonly clock: Clock
  readonly newId: () => string
  readonly options: {
    readonly logDir: string
    readonly outputDir: string
    readonly minScore: number
    readonly dryRun: boolean
  }
  onProgress(progress: BatchProgress): void
  /** The page for people that the batch leaves in its folder, with lines out of the file of the rejects. */
  report?(batch: string, rejectsFile: string): string
}

/**
 * One batch: read this first. Blocks of records are parsed, judged and learnt from in turn, and about once a second all
 * that they led to is committed. An interrupted batch is resumed from its last commit under its own id; a batch that is
 * told to stop ends early, whole, and leaves the rest to the next one.
 */
export async function runBatch<Moved>(deps: BatchDeps<Moved>, signal: AbortSignal): Promise<BatchResult> {
  const { db, source, brain, clock, options } = deps
  const interrupted = options.dryRun ? undefined : runningBatch(db)
  const id = interrupted?.id ?? deps.newId()
  const startedAt = interrupted?.startedAt ?? clock.now()
  const tally = new Tally(interrupted?.summary)
  // By the time that the batch began, so that one that is gone on with judges as it did.
  const adjust = compileAdjustments(adjustmentsAt(db, startedAt), options.minScore)
  const { files, bytesToRead } = await source.discover()
  let folder: BatchFolder | undefined
  /** The batch is known to the database before its folder is made, so that no folder is ever left that nobody knows. */
  const open = () => {
    if (options.dryRun) return
    const known = interrupted ?? {
      id,
      startedAt,
      finishedAt: null,
      status: 'running',
      summary: JSON.stringify(tally.totals),
    }
    saveBatch(db, known)
    folder = new BatchFolder(options.outputDir, startedAt, id, tally.totals.rejects_bytes)
  }

  let findings: Finding[] = []
  let lastCommit = clock.now()
  const save = async (status: 'running' | 'done') => {
    tally.findings(findings)
    tally.problems(source.problems())
    if (folder) {
      if (status === 'running') tally.totals.rejects_bytes = folder.sync()
      const batch = {
        id,
        startedAt,
        finishedAt: status === 'done' ? clock.now() : null,
        status,
        summary: JSON.stringify(tally.totals),
      }
      const checkpoints = await brain.checkpoints()
      commit(db, { batch, findings, adjusted: tally.takeAdjusted(), moved: source.moved(), checkpoints }, deps.parts)
    }
    findings = []
    lastCommit = clock.now()
    deps.onProgress({ files, bytesToRead, totals: tally.totals })
  }

  try {
    if (interrupted) open()
    while (!signal.aborted) {
      const read = await source.next()
      if (!read) break
      if (!folder) open()
      const parsed = deps.parser.parse(read.block, read.sniffed)
      tally.block(read.block, read.sniffed, parsed)
      folder?.reject(read.block.source.path, parsed.rejects)
      for (const events of portions(parsed.events, brain)) {
        const judged = await judge(events, brain.voters, { ...options, phase: brain.judging, adjust })
        await brain.learn(events, judged.flagged)
        findings.push(...judged.findings)
        tally.adjusted(judged.adjusted)
      }
      if (clock.now() - lastCommit >= COMMIT_EVERY_MS || findings.length >= COMMIT_FINDINGS) await save('running')
    }
    tally.problems(source.problems())
    const empty = tally.totals.lines === 0 && !interrupted
    const result = {
      id,
      resumed: interrupted !== undefined,
      stopped: signal.aborted,
      files,
      startedAt,
      totals: tally.totals,
    }
    if (empty) keepPositions(deps)
    else {
      await save('running')
      const report = deps.report && ((rejectsFile: string) => deps.report!(id, rejectsFile))
      folder?.finish(summaryOf(result, brain.phase, clock.now()), findingsOfBatch(db, id), report)
      await save('done')
    }
    return { ...result, folder: empty ? undefined : folder?.path, phase: brain.phase, finishedAt: clock.now() }
  } finally {
    folder?.close()
  }
}

/** Nothing was read, but files may have been renamed or be gone. */
function keepPositions<Moved>({ db, source, parts, options }: BatchDeps<Moved>): void {
  const moved = source.moved()
  if (moved.length > 0 && !options.dryRun) db.transaction(() => parts.saveOffsets(db, moved))()
}

/** A block, cut where the voters change: what is found does not depend on where blocks begin and end. */
function* portions(block: EventBlock, brain: Brain): Generator<EventBlock> {
  for (let from = 0; from < block.count; ) {
    const to = Math.min(block.count, from + brain.horizon)
    yield from === 0 && to === block.count ? block : sliceBlock(block, from, to)
    from = to
  }
}

function summaryOf(
  result: Pick<BatchResult, 'id' | 'startedAt' | 'stopped' | 'totals'>,
  phase: Phase,
  finishedAt: number,
): object {
  const { rejects_bytes: _, ...totals } = result.totals
  return {
    batch: result.id,
    started: new Date(result.startedAt).toISOString(),
    finished: new Date(finishedAt).toISOString(),
    phase,
    complete: !result.stopped,
    ...totals,
  }
}
