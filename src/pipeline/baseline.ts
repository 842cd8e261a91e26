import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventBlock } from '../core/columns/block.ts'
import type { TrainingProgress } from '../core/documents/training.ts'
import { OddlineError } from '../core/errors.ts'
import { RulesDetector } from '../detectors/rules/detector.ts'
import { loadRules } from '../detectors/rules/loading/load.ts'
import { ruleDirectories } from '../detectors/rules/loading/rule-files.ts'
import { trainInWorker } from '../detectors/transformer/training/training-client.ts'
import { encodeModelSet } from '../learning/models/model-set.ts'
import { LearningCycle } from '../learning/training/cycle.ts'
import { hasEnoughSessions, trainCalibrated } from '../learning/training/transformer-training.ts'
import { createParser } from '../parsing/parser.ts'
import { Templater } from '../templates/templater.ts'
import type { EngineSettings } from './engine/engine-protocol.ts'
import { openModels } from './engine/open-models.ts'
import { openReader } from './source/open-reader.ts'

const DAY_MS = 86_400_000

export interface BaselineProgress {
  readonly bytes: number
  readonly bytesToRead: number
  readonly lines: number
  readonly leftOut: number
}

export interface BaselineEvents {
  onReading(progress: BaselineProgress): void
  onTraining(progress: TrainingProgress): void
}

export interface Baseline {
  /** Version in the model directory. */
  readonly version: number
  /** Events that were learnt from, those that a rule matched, and those before the baseline. */
  readonly learnt: number
  readonly flagged: number
  readonly older: number
  /** Time of the newest event, ms since the epoch; absent if no event has a time. */
  readonly newest?: number
  readonly transformer: boolean
}

export interface BaselineOptions {
  readonly signal: AbortSignal
  /** An isolation forest of the user's own for requests, as ONNX. */
  readonly forest?: Uint8Array
}

type Settings = Pick<EngineSettings, 'logs' | 'models' | 'state' | 'detection'>

/**
 * Learns models from the last `baseline_days` of existing logs, by log time, and makes them current. It reads with
 * positions of its own and writes only the model directory, so it may run beside a program that watches the same logs.
 * Events that a rule matches are not learnt.
 * @throws the reason of the signal if it aborts; no model is written then
 * @throws OddlineError INPUT_UNREADABLE if there is too little to learn from, MODEL_INVALID for the user's forest
 */
export async function learnBaseline(
  settings: Settings,
  events: BaselineEvents,
  { signal, forest }: BaselineOptions,
): Promise<Baseline> {
  const { detection, models } = settings
  const newest = await newestTime(settings, signal)
  const since = newest - detection.baseline_days * DAY_MS
  const cycle = new LearningCycle(detection.seed)
  const rules = new RulesDetector(loadRules(ruleDirectories(detection.rules), detection.rules), detection.rules)
  let [flagged, older, learnt] = [0, 0, 0]
  await eachBlock(settings, signal, (block, progress) => {
    const exclude = Uint8Array.from(rules.score(block), (score) => (Number.isNaN(score) ? 0 : 1))
    for (let i = 0; i < block.count; i++) {
      const early = block.time[i] < since
      if (early) older++
      else if (exclude[i] === 1) flagged++
      else learnt++
      if (early) exclude[i] = 1
    }
    if (exclude.includes(0)) cycle.collect(block, exclude)
    events.onReading({ ...progress, leftOut: flagged })
  })
  const learntModels = await cycle.finish(forest && { http: forest })
  signal.throwIfAborted()
  if (!learntModels.forest.http && !learntModels.forest.security) throw tooLittle(learnt, settings)
  const templater = Templater.restore(learntModels.templates)
  const transformer = hasEnoughSessions(learntModels.sessions)
    ? await trainCalibrated(learntModels.sessions, (id) => templater.kindOf(id), {
        train: trainInWorker,
        seed: detection.seed,
        maxTokens: detection.training_events,
        signal,
        onProgress: events.onTraining,
      })
    : undefined
  const content = encodeModelSet({ ...learntModels, trainedOn: learnt, transformer })
  const version = openModels(settings).save(content, models.keep)
  const counts = { learnt, flagged, older, ...(Number.isFinite(newest) && { newest }) }
  return { version, ...counts, transformer: transformer !== undefined }
}

/** Time of the newest event; -Infinity if no event has a time. Files are read in any order, so all are searched. */
async function newestTime(settings: Settings, signal: AbortSignal): Promise<number> {
  let newest = Number.NEGATIVE_INFINITY
  await eachBlock(settings, signal, ({ time }) => {
    for (const one of time) if (one > newest) newest = one
  })
  return newest
}

type Visit = (block: EventBlock, progress: Omit<BaselineProgress, 'leftOut'>) => void

async function eachBlock(settings: Settings, signal: AbortSignal, visit: Visit): Promise<void> {
  const reader = openReader(settings, [])
  const parser = createParser()
  try {
    const { bytesToRead } = await reader.discover()
    let [bytes, lines] = [0, 0]
    for (let read = await reader.next(); read !== undefined; read = await reader.next()) {
      // The event loop has to turn for a signal to arrive.
      await nextTurn()
      signal.throwIfAborted()
      const { block, sniffed } = read
      lines += block.count
      if (block.count > 0) bytes += block.endOffset - block.offsets[0]
      visit(parser.parse(block, sniffed).events, { bytes, bytesToRead, lines })
    }
  } finally {
    await reader.close()
  }
}

function tooLittle(events: number, { logs, detection }: Settings): OddlineError {
  return new OddlineError(
    'INPUT_UNREADABLE',
    `${logs.dir} holds ${events} events that can be learnt from in the last ${detection.baseline_days} days of its log ` +
      'time, and that is too little. Give it more logs, or more --baseline-days.',
  )
}
