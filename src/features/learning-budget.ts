import { mix } from '../core/columns/slice-table.ts'

const CELLS = 1 << 16
/** What one session may teach about one pattern in one cycle of learning. */
const LESSONS = 32

/**
 * Bounds what a single session can teach about a single pattern, so that a flood of one request from one client does
 * not become normal. Cells are shared by hash: a collision can only make learning more careful.
 */
export class LearningBudget {
  readonly spent: Uint8Array

  constructor(spent = new Uint8Array(CELLS)) {
    this.spent = spent
  }

  /** Whether one more lesson is allowed; it is then counted. */
  spend(session: number, pattern: number): boolean {
    const cell = mix(Math.imul(session, 0x9e3779b1) ^ pattern) & (CELLS - 1)
    if (this.spent[cell] >= LESSONS) return false
    this.spent[cell]++
    return true
  }
}
