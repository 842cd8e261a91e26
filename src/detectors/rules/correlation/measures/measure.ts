import type { Mark } from '../occurrences.ts'

/** The number that the condition of a correlation is about, kept up to date as the occurrences of its windows come and go. */
export interface Measure {
  /** A window begins, without occurrences. */
  open(window: number): void
  /** An occurrence was inserted, as the last or between others. */
  added(window: number, mark: Mark, last: boolean): void
  /** The first occurrence was taken out. */
  dropped(window: number, mark: Mark): void
  /** The number for the occurrences that the window has now; undefined where it has none to judge by. */
  of(window: number): number | undefined
}
