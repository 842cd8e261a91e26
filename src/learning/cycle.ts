import type { EventBlock } from '../core/block.ts'
import type { ForestModel } from '../detectors/isolation-forest/model.ts'
import { ForestTrainer } from '../detectors/isolation-forest/trainer.ts'
import { Templater } from '../templates/templater.ts'
import { type Sequence, SequenceCollector } from './sequences.ts'

const FOREST = 'learning.forest'
const TEMPLATES = 'learning.templates'
const SEQUENCES = 'learning.sequences'

/** What one cycle of learning has come to. */
export interface Harvest {
  readonly forest: ForestModel
  readonly templates: Uint8Array
  readonly sequences: readonly Sequence[]
}

/** One cycle of learning, from its first event to its last: everything that the models are made from. */
export class LearningCycle {
  readonly #trainer: ForestTrainer
  #templater = new Templater()
  readonly #sequences = new SequenceCollector()

  constructor(seed: number) {
    this.#trainer = new ForestTrainer({ seed })
  }

  /** What is remembered of clients, for a forest that begins to judge where this cycle ends. */
  get sessions() {
    return this.#trainer.sessions
  }

  collect(block: EventBlock, exclude: Uint8Array): void {
    this.#trainer.collect(block, exclude)
    this.#sequences.collect(block, this.#templater.templates(block), exclude)
  }

  harvest(): Harvest {
    const sequences = this.#sequences.sequences((id) => this.#templater.resolve(id))
    return { forest: this.#trainer.fit(), templates: this.#templater.snapshot(), sequences }
  }

  checkpoints(): { name: string; value: Uint8Array }[] {
    return [
      { name: FOREST, value: this.#trainer.snapshot() },
      { name: TEMPLATES, value: this.#templater.snapshot() },
      { name: SEQUENCES, value: this.#sequences.snapshot() },
    ]
  }

  restore(load: (name: string) => Uint8Array | undefined): void {
    const [forest, templates, sequences] = [load(FOREST), load(TEMPLATES), load(SEQUENCES)]
    if (!forest || !templates || !sequences) return
    this.#trainer.restore(forest)
    this.#templater = Templater.restore(templates)
    this.#sequences.restore(sequences)
  }
}
