import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock } from '../../core/clock.ts'
import { BlockMemory } from '../../core/columns/block-memory.ts'
import type { BatchResult } from '../../core/documents/batch.ts'
import type { EngineEvent, LearningEvent } from '../../core/documents/engine-event.ts'
import { messageOf, OddlineError } from '../../core/errors.ts'
import type { StoredFile } from '../../core/files/stored-file.ts'
import { enqueue } from '../../delivery/routing/enqueue.ts'
import { routesOf } from '../../delivery/routing/routes.ts'
import type { RulesDetector } from '../../detectors/rules/detector.ts'
import { openRuleSource } from '../../detectors/rules/loading/kept-rules.ts'
import type { RuleSource } from '../../detectors/rules/loading/rule-source.ts'
import { openDetector } from '../../learning/models/learnt-detector.ts'
import { ORDERS } from '../../learning/orders.ts'
import { detectorThreads } from '../../learning/threads/detector-client.ts'
import { createParser } from '../../parsing/parser.ts'
import { runningBatch } from '../../store/batches.ts'
import { RULES_PROBLEM, removeCheckpoints, saveCheckpoints } from '../../store/checkpoints.ts'
import { asStateError, type Database, openDatabase } from '../../store/database.ts'
import { forgetGone, loadOffsets, saveOffsets } from '../../store/offsets.ts'
import { type BatchDeps, runBatch } from '../batch.ts'
import type { Sharing } from '../output/shared-folder.ts'
import { limitOn } from '../retention/limit.ts'
import { Retention } from '../retention/retention.ts'
import type { BlockSource } from '../source/block-source.ts'
import { openSource } from '../source/open-source.ts'
import type { EngineSettings } from './engine-protocol.ts'
import { type Judges, openJudges } from './judges.ts'

export interface RunOptions {
  readonly dryRun: boolean
  readonly signal: AbortSignal
}

/** What the module that makes the report of a batch exports. It is named by URL, because the batch thread loads it. */
export interface Reporter {
  batchFolderReport(
    db: Database,
    batches: readonly string[],
    rejectsFile: string,
    config: Pick<EngineSettings, 'detection'>,
    now: number,
  ): string
}

/** Shared folders are at most this part of what all folders may take, so that the oldest can be removed. */
const FOLDERS_AT_LEAST = 8
/** Retention may take as long as the batch before it, so that it keeps up, and always this long. */
const LEAST_REMOVING_MS = 1_000
/** A file that is gone is remembered for so long, in case it comes back. */
const REMEMBER_GONE_MS = 90 * 86_400_000

/** Everything between a directory of logs and a committed batch. It runs in the batch thread; tests run it without one. */
export class Engine {
  readonly #settings: EngineSettings
  readonly #emit: (event: EngineEvent) => void
  readonly #db: Database
  readonly #reporter: Reporter | undefined
  readonly #ruleSource: RuleSource
  readonly #threads: boolean
  readonly #memory = new BlockMemory()
  readonly #parser = createParser()
  /** Replaced after a failed batch, whose lines are judged again from the state of the last commit. */
  #judges: Promise<Judges>
  #running = false
  /** Checkpoints that could not be read. */
  readonly #damaged = new Set<string>()
  #closing = false
  readonly #retention: Retention
  /** The pass of retention that goes on between batches. */
  #removing: Promise<void> = Promise.resolve()
  #overfull = false
  /** The latest saving of a phase that changed between batches. */
  #keeping: Promise<void> = Promise.resolve()

  private constructor(
    settings: EngineSettings,
    db: Database,
    reporter: Reporter | undefined,
    emit: (event: EngineEvent) => void,
  ) {
    const { detection, workers } = settings
    this.#settings = settings
    this.#emit = emit
    this.#db = db
    this.#reporter = reporter
    this.#threads = (workers || availableParallelism()) > 1
    this.#ruleSource = openRuleSource(detection.rules, settings.state.dir)
    if (this.#ruleSource.problem !== undefined) emit({ type: 'rules_unusable', reason: this.#ruleSource.problem })
    this.#judges = this.#openJudges()
    this.#retention = new Retention(db, settings, systemClock)
  }

  /** @throws OddlineError STATE_*, RULE_INVALID if no rules were valid before; nothing is left open then */
  static async open(settings: EngineSettings, emit: (event: EngineEvent) => void): Promise<Engine> {
    const reporter: Reporter | undefined = settings.reporter === undefined ? undefined : await import(settings.reporter)
    const db = openDatabase(settings.state.dir)
    try {
      const engine = new Engine(settings, db, reporter, emit)
      await engine.#judges
      return engine
    } catch (error) {
      db.close()
      throw error
    }
  }

  /** @throws OddlineError STATE_*, DISK_FULL, OUTPUT_FAILED; the lines after the last commit are read again then */
  async run({ dryRun, signal }: RunOptions): Promise<BatchResult> {
    this.#running = true
    await this.#removing
    const startedAt = performance.now()
    let removed = false
    let source: BlockSource<StoredFile> | undefined
    let judges: Judges | undefined
    try {
      // After a failed batch the judges may have failed to open, too: then this batch tries again.
      this.#judges = this.#judges.catch(() => this.#openJudges())
      judges = await this.#judges
      const { rules, learning } = judges
      this.#reloadRules(rules)
      if (!dryRun) this.#mendState()
      await learning.beginBatch({ resumed: !dryRun && runningBatch(this.#db) !== undefined, dryRun })
      const memory = this.#threads ? this.#memory : undefined
      const found = await openSource(this.#settings, loadOffsets(this.#db), this.#parser, memory, () => rules.prepare())
      source = found.source
      const result = await runBatch(this.#batchDeps(found, judges, dryRun), signal)
      if (!dryRun) {
        // A phase may have changed since the commit of the last lines.
        saveCheckpoints(this.#db, learning.learningState())
        forgetGone(this.#db, systemClock.now() - REMEMBER_GONE_MS)
        const until = performance.now() + Math.max(LEAST_REMOVING_MS, performance.now() - startedAt)
        removed = await this.#remove(() => !signal.aborted && performance.now() < until)
      }
      return result
    } catch (error) {
      if (judges) await this.#reopen(judges)
      throw asStateError(error, join(this.#settings.state.dir, 'oddline.db'))
    } finally {
      this.#running = false
      await source?.close()
      if (!removed && !dryRun) this.#removing = this.#goOnRemoving(signal)
    }
  }

  async #goOnRemoving(signal: AbortSignal): Promise<void> {
    await this.#remove(() => !this.#running && !this.#closing && !signal.aborted)
  }

  /** Removes what is old while `goOn` says so. @returns false if the next pass should begin at once */
  async #remove(goOn: () => boolean): Promise<boolean> {
    try {
      const { removed, finished, overfull } = await this.#retention.pass(goOn)
      if (Object.values(removed).some((count) => count > 0)) this.#emit({ type: 'removed', ...removed })
      if (overfull && !this.#overfull) this.#emit({ type: 'overfull' })
      this.#overfull = overfull
      return finished
    } catch (error) {
      this.#emit({ type: 'retention_failed', reason: messageOf(error) })
      return true
    }
  }

  /** Resolves when no training is under way. When `signal` aborts, the training ends and begins anew with the next start. */
  async settle(signal: AbortSignal): Promise<void> {
    const { learning } = await this.#judges
    await learning.settle(signal)
  }

  async close(): Promise<void> {
    this.#closing = true
    try {
      await this.#removing
      await this.#keeping
    } finally {
      const judges = await this.#judges.catch(() => undefined)
      try {
        await judges?.learning.close()
      } finally {
        this.#db.close()
      }
    }
  }

  #openJudges(): Promise<Judges> {
    return openJudges(this.#settings, {
      db: this.#db,
      rules: this.#ruleSource,
      openDetector: this.#threads ? detectorThreads(this.#memory) : openDetector,
      emit: (event) => this.#learningReported(event),
    })
  }

  /** Drops what the lines after the last commit did to the judges. */
  async #reopen(judges: Judges): Promise<void> {
    await judges.learning.close()
    this.#judges = this.#openJudges()
    await Promise.allSettled([this.#judges])
  }

  #learningReported(event: LearningEvent): void {
    this.#emit(event)
    // The learning replaces orders itself: another process may be writing them.
    if (event.type === 'state_lost' && event.checkpoint !== ORDERS) this.#damaged.add(event.checkpoint)
    if (event.type !== 'phase_changed') return
    this.#keeping = this.#keepState(this.#keeping)
    // `close` rejects with it; and the next commit saves the same and reports what stands in the way.
    this.#keeping.catch(() => {})
  }

  /** Between batches the state may be saved as it is. Within one it belongs to the commit of its lines. */
  async #keepState(before: Promise<void>): Promise<void> {
    await before.catch(() => {})
    const judges = await this.#judges.catch(() => undefined)
    if (!judges || this.#running) return
    const checkpoints = await judges.learning.checkpoints()
    if (this.#running) return
    saveCheckpoints(this.#db, checkpoints)
    this.#damaged.clear()
  }

  /** Takes in rule files that changed since the last batch. Correlations keep their windows. */
  #reloadRules(rules: RulesDetector): void {
    try {
      const changed = this.#ruleSource.refresh()
      if (!changed) return
      rules.replace(changed)
      this.#emit({ type: 'rules_changed', rules: changed.rules.length + changed.correlations.length })
    } catch (error) {
      if (!(error instanceof OddlineError)) throw error
      this.#emit({ type: 'rules_unusable', reason: error.message })
    }
  }

  /** A single batch has a folder of its own. */
  #sharing(): Sharing | undefined {
    const { single, output, retention } = this.#settings
    if (single || output.folder === 'batch') return undefined
    const largest = limitOn(output.dir, retention.max_output) / FOLDERS_AT_LEAST
    return { period: output.folder, largest, rejectsListed: output.rejects_per_reason }
  }

  /** Forgets what could not be read, keeps valid rules for the next start, and stores why rule files are not in use. */
  #mendState(): void {
    removeCheckpoints(this.#db, this.#damaged)
    this.#damaged.clear()
    const { problem } = this.#ruleSource
    this.#ruleSource.keep()
    if (problem === undefined) removeCheckpoints(this.#db, [RULES_PROBLEM])
    else saveCheckpoints(this.#db, [{ name: RULES_PROBLEM, value: Buffer.from(problem) }])
  }

  #batchDeps(
    found: Awaited<ReturnType<typeof openSource>>,
    { learning }: Judges,
    dryRun: boolean,
  ): BatchDeps<StoredFile> {
    const { logs, output, detection, sinks, incidents } = this.#settings
    const routes = routesOf(sinks, incidents)
    const reporter = this.#reporter
    return {
      ...found,
      db: this.#db,
      memory: this.#memory,
      learner: learning,
      clock: systemClock,
      newId: () => randomBytes(4).toString('hex'),
      options: {
        logDir: resolve(logs.dir),
        outputDir: output.dir,
        minScore: detection.min_score,
        rejectsListed: output.rejects_per_reason,
        folderAlways: this.#settings.single === true,
        sharing: this.#sharing(),
        dryRun,
        threads: this.#threads,
        window: this.#settings.window,
      },
      parts: {
        saveOffsets,
        enqueue: (db, findings) => {
          const { overflowed } = enqueue(db, findings, routes, systemClock.now())
          for (const [sink, count] of overflowed) this.#emit({ type: 'queue_full', sink, findings: count })
        },
      },
      onProgress: (progress) => this.#emit({ type: 'batch_progress', progress }),
      ...(reporter && {
        report: (batches: readonly string[], rejectsFile: string) =>
          reporter.batchFolderReport(this.#db, batches, rejectsFile, this.#settings, systemClock.now()),
      }),
    }
  }
}
