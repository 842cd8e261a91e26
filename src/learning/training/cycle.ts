import type { EventBlock } from '../../core/columns/block.ts'
import { OddlineError } from '../../core/errors.ts'
import type { ForestModel, Kind } from '../../detectors/isolation-forest/model.ts'
import { ForestTrainer } from '../../detectors/isolation-forest/trainer.ts'
import { type CollectedSessions, SessionCollector } from '../../detectors/transformer/training/collector.ts'
import { Templater } from '../../templates/templater.ts'
import type { Checkpoint, LoadCheckpoint } from '../checkpoints.ts'
import type { LogCounts } from '../logs/learnt-logs.ts'
import { LogTally } from '../logs/log-tally.ts'
import { EventRate } from './event-rate.ts'

const FOREST = 'learning.forest'
const TEMPLATES = 'learning.templates'
const SESSIONS = 'learning.sessions'
const EVENT_RATE = 'learning.pace'
const LOGS = 'learning.logs'

export interface CycleResult {
  readonly forest: ForestModel
  /** Snapshot of the templates, which the sessions refer to by id. */
  readonly templates: Uint8Array
  /** Training set of the transformer. */
  readonly sessions: CollectedSessions
  /** Undefined if no event had a time. */
  readonly eventsPerDay: number | undefined
  /** Events learnt, per kind of log. */
  readonly learntFrom: LogCounts
}

/** One training cycle: collects events, then fits the forest and returns the training set of the transformer. */
export class LearningCycle {
  readonly #trainer: ForestTrainer
  #templater = new Templater()
  readonly #collector = new SessionCollector()
  readonly #eventRate = new EventRate()
  readonly #logs = new LogTally()

  constructor(seed: number) {
    this.#trainer = new ForestTrainer({ seed })
  }

  /** The client sessions seen so far, for a forest that starts to judge where this cycle ends. */
  get sessions() {
    return this.#trainer.sessions
  }

  /**
   * Collects a block.
   * @param exclude per event, not 0 if it must not be learnt
   * @param most events learnt of each kind of log; a limit prevents that the other kinds become rare during a long wait
   */
  collect(block: EventBlock, exclude: Uint8Array, most = Number.POSITIVE_INFINITY): void {
    const counted = this.#logs.count(block, exclude, most)
    this.#trainer.collect(block, counted.exclude, counted.kinds)
    this.#collector.collect(block, this.#templater.templates(block), counted.exclude)
    this.#eventRate.count(block.time, exclude)
  }

  /** Whether the cycle has seen enough of every major kind of log of the previous training; see `LogTally.covers`. */
  covers(previous: LogCounts, warmup: number): boolean {
    return this.#logs.covers(previous, warmup)
  }

  /**
   * Fits the forest on what was collected.
   * @param imported ONNX forests of the user that replace ours
   * @throws OddlineError MODEL_INVALID if one is not an isolation forest over our features
   */
  async finish(imported: { readonly [K in Kind]?: Uint8Array } = {}): Promise<CycleResult> {
    const { sequences, complete } = this.#collector.sessions()
    const resolved = sequences.map((templates) => templates.map((id) => this.#templater.resolve(id)))
    const sessions = { sequences: resolved, complete }
    const forest = await this.#trainer.fitAround(imported)
    const { eventsPerDay } = this.#eventRate
    return { forest, templates: this.#templater.snapshot(), sessions, eventsPerDay, learntFrom: this.#logs.learnt }
  }

  checkpoints(): Checkpoint[] {
    return [
      { name: FOREST, value: this.#trainer.snapshot() },
      { name: TEMPLATES, value: this.#templater.snapshot() },
      { name: SESSIONS, value: this.#collector.snapshot() },
      { name: EVENT_RATE, value: this.#eventRate.snapshot() },
      { name: LOGS, value: this.#logs.snapshot() },
    ]
  }

  /** @throws OddlineError MODEL_INVALID if a checkpoint is missing or damaged */
  restore(load: LoadCheckpoint): void {
    const [forest, templates, sessions] = [load(FOREST), load(TEMPLATES), load(SESSIONS)]
    if (!forest || !templates || !sessions) {
      throw new OddlineError('MODEL_INVALID', 'A part of what was collected for the next training is missing.')
    }
    this.#trainer.restore(forest)
    this.#templater = Templater.restore(templates)
    this.#collector.restore(sessions)
    const eventRate = load(EVENT_RATE)
    if (eventRate) this.#eventRate.restore(eventRate)
    const logs = load(LOGS)
    if (logs) this.#logs.restore(logs)
  }
}
