import type { Mark } from '../occurrences.ts'

/** The number that the condition of a correlation tests, updated as occurrences are added and dropped. */
export interface Measure {
  /** Starts an empty window. */
  open(window: number): void
  /** An occurrence was inserted; `last` is true if it is now the last one. */
  added(window: number, mark: Mark, last: boolean): void
  /** The first occurrence was removed. */
  dropped(window: number, mark: Mark): void
  /** The current number of a window; undefined if the condition cannot be tested yet. */
  of(window: number): number | undefined
}
