import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock } from '../../core/clock.ts'
import { BlockMemory } from '../../core/columns/block-memory.ts'
import type { BatchProgress, BatchResult } from '../../core/documents/batch.ts'
import type { Phase } from '../../core/documents/finding.ts'
import type { TrainingProgress } from '../../core/documents/training.ts'
import { OddlineError } from '../../core/errors.ts'
import type { StoredFile } from '../../core/stored-file.ts'
import { routesOf } from '../../delivery/routing/configure.ts'
import { enqueue } from '../../delivery/routing/enqueue.ts'
import { RulesDetector } from '../../detectors/rules/detector.ts'
import { ruleDirectories } from '../../detectors/rules/loading/rule-files.ts'
import { RuleSource } from '../../detectors/rules/loading/rule-source.ts'
import { trainInWorker } from '../../detectors/transformer/training/training-client.ts'
import { Brain } from '../../learning/learning.ts'
import { ModelStore } from '../../learning/models/artifacts.ts'
import { type OpenDetector, openDetector } from '../../learning/models/learnt-detector.ts'
import { detectorThreads } from '../../learning/threads/detector-client.ts'
import { createParser } from '../../parsing/parser.ts'
import { runningBatch } from '../../store/batches.ts'
import { loadCheckpoint, saveCheckpoints } from '../../store/checkpoints.ts'
import { asStateError, type Database, openDatabase } from '../../store/database.ts'
import { forgetGone, loadOffsets, saveOffsets } from '../../store/offsets.ts'
import { runBatch } from '../batch.ts'
import type { CommitParts } from '../commit.ts'
import type { BlockSource } from '../source/block-source.ts'
import { openSource } from '../source/open-source.ts'
import type { Reporter } from '../source/ports.ts'
import type { EngineSettings } from './engine-protocol.ts'

export interface RunOptions {
  readonly dryRun: boolean
  readonly signal: AbortSignal
  onProgress(progress: BatchProgress): void
}

export interface EngineEvents {
  onPhase(from: Phase, to: Phase): void
  /** Models are to be learnt anew, and why. */
  onDue(reason: string): void
  onTraining(progress: TrainingProgress): void
  onTrainingFailed(reason: string): void
  onBadModel(error: OddlineError): void
  onOverflow(sink: string, findings: number): void
  /** Other rules are in force from now on. */
  onRules(rules: number): void
  /** The rule files changed and cannot be used; those before stay in force. */
  onBadRules(error: OddlineError): void
}

export interface Engine {
  run(options: RunOptions): Promise<BatchResult>
  /** Resolves when no training is under way, or when `signal` aborts. */
  settle(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

const newId = () => randomBytes(4).toString('hex')

/** A file that is gone is known for so long, in case it comes back. */
const REMEMBER_GONE_MS = 90 * 86_400_000

/** Everything between a directory of logs and a committed batch, for the thread that runs batches. */
export async function openEngine(settings: EngineSettings, events: EngineEvents): Promise<Engine> {
  const { output, state, detection } = settings
  const db = openDatabase(state.dir)
  const threads = (settings.workers || availableParallelism()) > 1
  const memory = new BlockMemory()
  let running = false
  let keeping = Promise.resolve()
  const ruleSource = new RuleSource(ruleDirectories(detection.rules), detection.rules)
  const openRules = () => new RulesDetector(ruleSource.current, detection.rules)
  let rules = openRules()
  const openOwnBrain = () =>
    openBrain(settings, db, rules, threads ? detectorThreads(memory) : openDetector, {
      ...events,
      onPhase(from, to) {
        events.onPhase(from, to)
        queueMicrotask(() => {
          keeping = keepState()
        })
      },
    })
  let brain = await openOwnBrain()
  /** Between batches the state may be saved as it is; within one it belongs to the commit of its lines. */
  const keepState = async () => {
    if (running) return
    const checkpoints = await brain.checkpoints()
    if (!running) saveCheckpoints(db, checkpoints)
  }
  const parser = createParser()
  const reporter: Reporter | undefined = settings.reporter === undefined ? undefined : await import(settings.reporter)
  const report =
    reporter &&
    ((batch: string, rejectsFile: string) =>
      reporter.batchFolderReport(db, batch, rejectsFile, settings, systemClock.now()))
  const routes = routesOf(settings.sinks, settings.incidents)
  const parts: CommitParts<Parameters<typeof saveOffsets>[1][number]> = {
    saveOffsets,
    enqueue(database, findings) {
      const { overflowed } = enqueue(database, findings, routes, systemClock.now())
      for (const [sink, count] of overflowed) events.onOverflow(sink, count)
    },
  }
  return {
    async run({ dryRun, signal, onProgress }) {
      running = true
      let source: BlockSource<StoredFile> | undefined
      try {
        reloadRules(ruleSource, rules, events)
        await brain.beginBatch({ resumed: !dryRun && runningBatch(db) !== undefined, dryRun })
        const options = {
          logDir: resolve(settings.logs.dir),
          outputDir: output.dir,
          minScore: detection.min_score,
          dryRun,
          threads,
        }
        const shared = threads ? memory : undefined
        const found = await openSource(settings, loadOffsets(db), parser, shared, () => rules.prepare())
        source = found.source
        const deps = {
          db,
          memory,
          ...found,
          brain,
          parts,
          clock: systemClock,
          newId,
          options,
          onProgress,
          report,
        }
        const result = await runBatch(deps, signal)
        running = false
        if (!dryRun) {
          // The rest was saved with the last lines; a phase may have ended since.
          saveCheckpoints(db, brain.learningState())
          forgetGone(db, systemClock.now() - REMEMBER_GONE_MS)
        }
        return result
      } catch (error) {
        // What the lines after the last commit did to the detectors' state is forgotten, because they are read again.
        await brain.close()
        rules = openRules()
        brain = await openOwnBrain()
        throw asStateError(error, join(state.dir, 'oddline.db'))
      } finally {
        running = false
        await source?.close()
      }
    },
    settle: (signal) => brain.settle(signal),
    async close() {
      await keeping
      await brain.close()
      db.close()
    },
  }
}

/** Takes in rule files that changed since the last batch. Windows of correlations go on. */
function reloadRules(source: RuleSource, rules: RulesDetector, events: EngineEvents): void {
  try {
    const changed = source.refresh()
    if (!changed) return
    rules.replace(changed)
    events.onRules(changed.rules.length + changed.correlations.length)
  } catch (error) {
    if (!(error instanceof OddlineError)) throw error
    events.onBadRules(error)
  }
}

export function openModels({ models, state }: Pick<EngineSettings, 'models' | 'state'>): ModelStore {
  return new ModelStore(models.dir || join(state.dir, 'models'))
}

function openBrain(
  { detection, models, state }: EngineSettings,
  db: Database,
  rules: RulesDetector,
  open: OpenDetector,
  events: EngineEvents,
): Promise<Brain> {
  return Brain.open(
    {
      rules,
      models: openModels({ models, state }),
      keep: models.keep,
      contamination: detection.contamination,
      alertsPerDay: detection.alerts_per_day,
      limits: {
        warmup: detection.warmup_logs,
        retrainAfter: detection.retrain_logs,
        retrainAfterMs: detection.retrain_days * 86_400_000,
        retrainOnDrift: detection.drift.retrain,
      },
      drift: detection.drift,
      frozen: detection.frozen,
      seed: detection.seed,
      weights: detection.weights,
      openDetector: open,
      train: trainInWorker,
      deadlineMs: detection.training_seconds * 1000,
      onPhase: events.onPhase,
      onDue: events.onDue,
      onTraining: events.onTraining,
      onTrainingFailed: events.onTrainingFailed,
      onBadModel: events.onBadModel,
    },
    (name) => loadCheckpoint(db, name),
  )
}
