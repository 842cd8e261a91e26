import type { EventBlock } from '../../core/columns/block.ts'
import type { ForestModel, Kind } from '../../detectors/isolation-forest/model.ts'
import { ForestTrainer } from '../../detectors/isolation-forest/trainer.ts'
import { type CollectedSessions, SessionCollector } from '../../detectors/transformer/training/collector.ts'
import { Templater } from '../../templates/templater.ts'
import type { LogCounts } from '../logs/learnt-logs.ts'
import { LogTally } from '../logs/log-tally.ts'
import { Pace } from './event-rate.ts'

const FOREST = 'learning.forest'
const TEMPLATES = 'learning.templates'
const SESSIONS = 'learning.sessions'
const PACE = 'learning.pace'
const LOGS = 'learning.logs'

/** What one cycle of learning has come to. */
export interface Harvest {
  readonly forest: ForestModel
  readonly templates: Uint8Array
  readonly sessions: CollectedSessions
  readonly eventsPerDay: number | undefined
  /** Events by the kind of log that they are of. */
  readonly learntFrom: LogCounts
}

/** One cycle of learning, from its first event to its last: everything that the models are made from. */
export class LearningCycle {
  readonly #trainer: ForestTrainer
  #templater = new Templater()
  readonly #collector = new SessionCollector()
  readonly #pace = new Pace()
  readonly #logs = new LogTally()

  constructor(seed: number) {
    this.#trainer = new ForestTrainer({ seed })
  }

  /** What is remembered of clients, for a forest that begins to judge where this cycle ends. */
  get sessions() {
    return this.#trainer.sessions
  }

  /**
   * Events where `exclude` is 1 teach nothing. Of each kind of log `most` events do: of one that is waited for there must
   * not be next to nothing when it comes.
   */
  collect(block: EventBlock, exclude: Uint8Array, most = Number.POSITIVE_INFINITY): void {
    const counted = this.#logs.count(block, exclude, most)
    this.#trainer.collect(block, counted.exclude, counted.kinds)
    this.#collector.collect(block, this.#templater.templates(block), counted.exclude)
    this.#pace.count(block.time, exclude)
  }

  /** Whether enough has come of every kind of log that was much of what was learnt before, in a warmup of so many events. */
  covers(before: LogCounts, warmup: number): boolean {
    return this.#logs.covers(before, warmup)
  }

  /**
   * @param imported ONNX forests of the user's own in place of ours
   * @throws OddlineError MODEL_INVALID where one is not an isolation forest over our features
   */
  async harvest(imported: { readonly [K in Kind]?: Uint8Array } = {}): Promise<Harvest> {
    const { sequences, complete } = this.#collector.sessions()
    const resolved = sequences.map((templates) => templates.map((id) => this.#templater.resolve(id)))
    const sessions = { sequences: resolved, complete }
    const forest = await this.#trainer.fitAround(imported)
    const { eventsPerDay } = this.#pace
    return { forest, templates: this.#templater.snapshot(), sessions, eventsPerDay, learntFrom: this.#logs.learnt }
  }

  checkpoints(): { name: string; value: Uint8Array }[] {
    return [
      { name: FOREST, value: this.#trainer.snapshot() },
      { name: TEMPLATES, value: this.#templater.snapshot() },
      { name: SESSIONS, value: this.#collector.snapshot() },
      { name: PACE, value: this.#pace.snapshot() },
      { name: LOGS, value: this.#logs.snapshot() },
    ]
  }

  restore(load: (name: string) => Uint8Array | undefined): void {
    const [forest, templates, sessions] = [load(FOREST), load(TEMPLATES), load(SESSIONS)]
    if (!forest || !templates || !sessions) return
    this.#trainer.restore(forest)
    this.#templater = Templater.restore(templates)
    this.#collector.restore(sessions)
    const pace = load(PACE)
    if (pace) this.#pace.restore(pace)
    const logs = load(LOGS)
    if (logs) this.#logs.restore(logs)
  }
}
