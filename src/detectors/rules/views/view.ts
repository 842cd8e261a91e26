import type { EventBlock } from '../../../core/columns/block.ts'
import type { Ids } from '../../../core/columns/dictionary.ts'
import type { FieldValue } from '../sigma/expression.ts'

/**
 * What the engine sees of one event. A view is made once and moved from event to event; it cuts, decodes and folds
 * only what is asked for, and keeps it until it moves on.
 */
export interface EventView {
  /** The block that it stands in; undefined before it was moved anywhere. */
  readonly block: EventBlock | undefined
  /** Of the event in its block. */
  readonly index: number
  /** Moves to event `index` of `block`. */
  move(block: EventBlock, index: number): void
  /** Values of a native field; a missing or empty one has none. */
  values(field: number): readonly FieldValue[]
  /** The first value of a native field as a text that outlives the block; undefined where it has none. */
  kept(field: number): string | undefined
  /** Numbers of the texts that `kept` gives, where the field is a column of the block that has them. */
  ids(field: number): Ids | undefined
  /** Every text of the event, for keywords. */
  texts(): readonly string[]
}

/** How a prefilter sees a field of the event. */
export type Slot =
  /** Scanned in every event. */
  | 'scan'
  /** Repeats from event to event: the verdict for each distinct value is remembered. */
  | 'cached'
  /** A small whole number, looked up in a table. */
  | 'number'
  /** Not looked at: a rule that asks for it alone is evaluated for every event. */
  | 'none'

export interface NativeField {
  readonly name: string
  /** The column of the log that it is read from. */
  readonly column: string
  readonly slot: Slot
  /** Index of the field that the prefilter looks at in its place (a decoded view stands for its original). */
  readonly via: readonly string[]
}
