import { type EventBlock, sessionHash } from '../../core/columns/block.ts'
import { type PackedArray, pack, unpack } from '../../core/pack.ts'
import { KINDS, type Kind } from '../../detectors/isolation-forest/model.ts'
import { BINS, type Bins, binOf } from '../../features/bins.ts'
import { RecentCounts } from './recent-counts.ts'

/** Recent counts per kind of event. `total`: events that the counts stand for; `counts`: per bin of each feature, or one count of unknown templates. */
export type DriftCounts = { readonly [K in Kind]?: { readonly counts: Float64Array; readonly total: number } }

type Meters = { readonly [K in Kind]?: RecentCounts }

/** Counts the events that a detector judges, to measure drift. */
export class DriftMeter {
  readonly #meters: Meters

  private constructor(meters: Meters) {
    this.#meters = meters
  }

  /** Counts feature values in the bins of the training data. `window`: events after which old counts fade. */
  static ofFeatures(bins: { readonly [K in Kind]?: Bins }, window: number): DriftMeter {
    const sizes = KINDS.map((kind) => [kind, bins[kind]?.shares.length] as const)
    return DriftMeter.#of(sizes, window)
  }

  /** Counts events whose template is unknown to the model. */
  static ofTemplates(window: number): DriftMeter {
    const sizes = KINDS.map((kind) => [kind, 1] as const)
    return DriftMeter.#of(sizes, window)
  }

  static #of(sizes: readonly (readonly [Kind, number | undefined])[], window: number): DriftMeter {
    return new DriftMeter(
      Object.fromEntries(sizes.flatMap(([kind, size]) => (size ? [[kind, new RecentCounts(size, window)]] : []))),
    )
  }

  /** `rows`: feature matrix of the block, [events, columns] flat. Events where `unlearnt` is 1 are not counted. */
  features(block: EventBlock, rows: Float32Array, { edges }: Bins, unlearnt?: Uint8Array): void {
    const meter = this.#meters[block.kind]
    if (!meter) return
    const columns = meter.counts.length / BINS
    for (let i = 0; i < block.count; i++) {
      if (unlearnt?.[i] === 1 || !meter.due() || !meter.admit(sessionHash(block, i))) continue
      for (let c = 0; c < columns; c++) meter.counts[c * BINS + binOf(edges, c, rows[i * columns + c])]++
    }
  }

  /** `templates`: template id per event. Events where `unlearnt` is 1 are not counted. */
  templates(
    block: EventBlock,
    templates: Int32Array,
    isKnown: (template: number) => boolean,
    unlearnt?: Uint8Array,
  ): void {
    const meter = this.#meters[block.kind]!
    for (let i = 0; i < block.count; i++) {
      if (unlearnt?.[i] === 1 || !meter.due() || !meter.admit(sessionHash(block, i))) continue
      if (!isKnown(templates[i])) meter.counts[0]++
    }
  }

  counts(): DriftCounts {
    return Object.fromEntries(
      KINDS.flatMap((kind) => {
        const meter = this.#meters[kind]
        return meter ? [[kind, { counts: meter.counts.slice(), total: meter.total }]] : []
      }),
    )
  }

  snapshot(): Uint8Array {
    const meta: Record<string, unknown> = {}
    const arrays: Record<string, PackedArray> = {}
    for (const kind of KINDS) {
      const saved = this.#meters[kind]?.snapshot()
      if (!saved) continue
      meta[kind] = saved.meta
      arrays[`${kind}.counts`] = saved.counts
      arrays[`${kind}.held`] = saved.held
    }
    return pack('drift', 1, { meta, arrays })
  }

  /** @throws OddlineError MODEL_INVALID if the snapshot is damaged */
  restore(bytes: Uint8Array): void {
    const { meta, arrays } = unpack('drift', 1, bytes)
    for (const kind of KINDS) {
      const saved = meta[kind] as [number, number] | undefined
      if (!saved) continue
      const counts = arrays[`${kind}.counts`] as Float64Array
      this.#meters[kind]?.restore({ counts, held: arrays[`${kind}.held`] as Uint16Array, meta: saved })
    }
  }
}
