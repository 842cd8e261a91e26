import type { EventBlock } from '../../../core/columns/block.ts'
import type { Ids } from '../../../core/columns/dictionary.ts'
import type { FieldValue } from '../sigma/expression.ts'

/**
 * The fields of one event. A view is moved from event to event; it extracts, decodes and folds only the requested
 * fields, and caches them until it moves.
 */
export interface EventView {
  /** The current block; undefined before the first `move`. */
  readonly block: EventBlock | undefined
  /** Index of the event in its block. */
  readonly index: number
  /** Moves to event `index` of `block`. */
  move(block: EventBlock, index: number): void
  /** Values of a native field; none if it is missing or empty. */
  values(field: number): readonly FieldValue[]
  /** The first value of a native field as text that may outlive the block; undefined if there is none. */
  kept(field: number): string | undefined
  /** The text numbers for `kept`, if the field is a numbered column. */
  ids(field: number): Ids | undefined
  /** Every text of the event, for keywords. */
  texts(): readonly string[]
}

/** How the prefilter handles a field. */
export type Slot =
  /** Scanned in every event. */
  | 'scan'
  /** Repetitive: the result for each distinct value is cached. */
  | 'cached'
  /** A small integer, looked up in a table. */
  | 'number'
  /** Not used: a rule over this field alone is evaluated for every event. */
  | 'none'

export interface NativeField {
  readonly name: string
  /** The column of the log that it is read from. */
  readonly column: string
  readonly slot: Slot
  /** Index of the field that the prefilter looks at in its place (a decoded view stands for its original). */
  readonly via: readonly string[]
}
