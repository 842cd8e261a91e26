import type { SteadyClock } from '../core/clock.ts'
import type { BlockMemory } from '../core/columns/block-memory.ts'
import { sliceBlock } from '../core/columns/block-slice.ts'
import type { BatchProgress, BatchResult } from '../core/documents/batch.ts'
import type { Phase } from '../core/documents/finding.ts'
import { compileAdjustments } from '../learning/adjust.ts'
import type { Checkpoint } from '../learning/checkpoints.ts'
import { adjustmentsAt } from '../store/adjustments.ts'
import { runningBatch, saveBatch } from '../store/batches.ts'
import type { Database } from '../store/database.ts'
import { findingsOfBatch } from '../store/findings.ts'
import { type CommitParts, commit } from './commit.ts'
import { Flow, type Learner } from './flow.ts'
import { HeldFindings } from './output/held-findings.ts'
import { BatchFolder, type MakeReport } from './output/output.ts'
import type { Sharing } from './output/shared-folder.ts'
import type { BatchSummary } from './output/summary.ts'
import { Tally } from './output/tally.ts'
import type { BlockSource, SourceBlock } from './source/block-source.ts'

/** Time between two commits, ms, the longest, and most findings held between them. */
const COMMIT_EVERY_MS = 1000
const COMMIT_AT_LEAST_EVERY_MS = 10_000
const COMMIT_FINDINGS = 500
/** Events judged at once, however short their lines are: each may be a finding of several kilobytes. */
const MOST_EVENTS = 8192

export interface BatchDeps<Moved> {
  readonly db: Database
  /** What to read, and how much there is. */
  readonly source: BlockSource<Moved>
  readonly files: number
  readonly bytesToRead: number
  /** Memory of the blocks that several threads use. */
  readonly memory: BlockMemory
  readonly learner: Learner
  readonly parts: CommitParts<Moved>
  readonly clock: SteadyClock
  readonly newId: () => string
  readonly options: {
    readonly logDir: string
    readonly outputDir: string
    readonly minScore: number
    /** Most rejects listed of each file and reason. */
    readonly rejectsListed: number
    /** Whether a batch with neither findings nor rejects has a folder, too. */
    readonly folderAlways: boolean
    /** Set if batches share folders. */
    readonly sharing?: Sharing
    readonly dryRun: boolean
    readonly threads: boolean
    /** Share of the usual number of events and blocks in flight; 1 by default. */
    readonly window?: number
  }
  onProgress(progress: BatchProgress): void
  readonly report?: MakeReport
}

/**
 * One batch: read this first. Blocks of records are parsed, judged and learnt from, several in flight at a time
 * (`flow.ts`), and about once a second everything that they led to is committed. An interrupted batch is resumed from its
 * last commit under its own id. A stopped batch ends early and whole; the next one reads the rest.
 */
export async function runBatch<Moved>(deps: BatchDeps<Moved>, signal: AbortSignal): Promise<BatchResult> {
  const { db, source, files, bytesToRead, learner, clock, options } = deps
  const interrupted = options.dryRun ? undefined : runningBatch(db)
  const id = interrupted?.id ?? deps.newId()
  const startedAt = interrupted?.startedAt ?? clock.now()
  const tally = new Tally(interrupted?.summary)
  // As of the start of the batch, so that a resumed batch judges as before.
  const adjust = compileAdjustments(adjustmentsAt(db, startedAt), options.minScore)
  let folder: BatchFolder | undefined
  /** Saves the batch before it makes the folder, so that every folder belongs to a known batch. */
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
    const { rejects_bytes } = tally.totals
    folder = new BatchFolder(options.outputDir, startedAt, id, rejects_bytes, findingsOfBatch(db, id), options.sharing)
  }

  const silent = () => !options.folderAlways && tally.totals.findings.total === 0 && tally.totals.rejected === 0

  const findings = new HeldFindings()
  let moved: Moved[] = []
  let expected = 0
  const mostEvents = MOST_EVENTS * (options.window ?? 1)
  const cadence = new Cadence(clock)
  const save = (status: 'running' | 'done', state: readonly Checkpoint[]) => {
    tally.problems(source.problems())
    if (folder) {
      if (status === 'running') tally.totals.rejects_bytes = folder.sync()
      const batch = () => ({
        id,
        startedAt,
        finishedAt: status === 'done' ? clock.now() : null,
        status,
        summary: JSON.stringify(tally.totals),
      })
      const progress = {
        id,
        batch,
        findings: findings.take(),
        adjusted: tally.takeAdjusted(),
        moved,
        checkpoints: state,
      }
      // If the commit fails, so does the batch, and the next run writes these files anew from the database.
      commit(db, progress, deps.parts, (slice, stored) => {
        tally.findings(slice)
        folder?.found(stored)
      })
    } else for (const slice of findings.take()) tally.findings(slice)
    moved = []
    deps.onProgress({ files, bytesToRead, totals: tally.totals })
  }
  const flow = new Flow<SourceBlock<Moved> | undefined>(
    learner,
    { ...options, memory: deps.memory, adjust },
    ({ account: whole, state, ...done }) => {
      findings.add(done.findings)
      tally.adjusted(done.adjusted)
      expected += done.findings.length
      if (whole) {
        tally.block(whole.account, whole.events.time)
        const { path, format, rejects } = whole.account
        folder?.reject(path, tally.rejects(path, format, rejects, options.rejectsListed))
        moved.push(...whole.account.moved)
      }
      if (state) cadence.timed(() => save('running', state))
      if (whole) deps.memory.release(whole.events)
    },
  )

  try {
    if (interrupted) open()
    while (!signal.aborted) {
      const read = await source.next()
      if (!read) break
      if (!folder) open()
      const { events } = read
      let from = 0
      do {
        const to = Math.min(events.count, from + Math.min(flow.room, mostEvents))
        const whole = from === 0 && to === events.count
        const last = to === events.count
        const marked = last && (cadence.due() || expected >= COMMIT_FINDINGS)
        if (marked) expected = 0
        expected += await flow.push(whole ? events : sliceBlock(events, from, to), last ? read : undefined, marked)
        from = to
      } while (from < events.count)
    }
    await flow.drain()
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
    moved.push(...source.moved())
    if (empty) keepPositions(deps, moved)
    else {
      save('running', [...learner.learningState(), ...(await learner.detectorState())])
      if (silent()) folder?.discard()
      else folder?.finish(summaryOf(result, learner.phase, clock.now()), deps.report)
      save('done', [])
      folder?.settled()
    }
    return {
      ...result,
      folder: empty || silent() ? undefined : folder?.path,
      phase: learner.phase,
      finishedAt: clock.now(),
    }
  } finally {
    folder?.close()
  }
}

/** Nothing was read, but files may have been renamed or removed. */
function keepPositions<Moved>({ db, parts, options }: BatchDeps<Moved>, moved: readonly Moved[]): void {
  if (moved.length > 0 && !options.dryRun) db.transaction(() => parts.saveOffsets(db, moved))()
}

/** When the next commit is due: about once a second, and less often if commits are slow, so that they take 5 % of the time. */
class Cadence {
  readonly #clock: SteadyClock
  #last: number
  #every = COMMIT_EVERY_MS

  constructor(clock: SteadyClock) {
    this.#clock = clock
    this.#last = clock.monotonic()
  }

  /** Whether a commit is due; if so, the interval starts again. */
  due(): boolean {
    const now = this.#clock.monotonic()
    if (now - this.#last < this.#every) return false
    this.#last = now
    return true
  }

  timed(commit: () => void): void {
    const from = this.#clock.monotonic()
    commit()
    const cost = this.#clock.monotonic() - from
    this.#every = Math.min(COMMIT_AT_LEAST_EVERY_MS, Math.max(COMMIT_EVERY_MS, 20 * cost))
  }
}

function summaryOf(
  result: Pick<BatchResult, 'id' | 'startedAt' | 'stopped' | 'totals'>,
  phase: Phase,
  finishedAt: number,
): BatchSummary {
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
