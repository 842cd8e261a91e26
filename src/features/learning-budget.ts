import { mix } from '../core/columns/slice-table.ts'

const CELLS = 1 << 16
/** Most events that are learnt from one session for one pattern per training cycle. */
const MAX_EVENTS = 32

/**
 * Limits how much is learnt from one session about one pattern, so that a flood from one client does not become normal.
 * Sessions share cells by hash; a collision can only reduce learning.
 */
export class LearningBudget {
  readonly spent: Uint8Array

  constructor(spent = new Uint8Array(CELLS)) {
    this.spent = spent
  }

  /** Returns true and counts the event if it may be learnt. */
  spend(session: number, pattern: number): boolean {
    const cell = mix(Math.imul(session, 0x9e3779b1) ^ pattern) & (CELLS - 1)
    if (this.spent[cell] >= MAX_EVENTS) return false
    this.spent[cell]++
    return true
  }
}
