import type { DeadReason } from '../../core/documents/dead-letter.ts'
import type { FailureReason } from '../../core/documents/failure.ts'

/** What every item of a queue has. */
export interface Queued {
  /** Tries so far, this one included. */
  readonly attempts: number
  /** Time of the first try, ms since the epoch. */
  readonly firstTriedAt: number
}

export interface Burial<Item> {
  readonly item: Item
  readonly reason: DeadReason
  readonly detail: string
}

/** The outcome of one delivery for the claimed items. Items not named go back to the queue unchanged. */
export interface Settlement<Item> {
  readonly delivered: readonly Item[]
  /** Back to their place in the queue. */
  readonly retry: readonly Item[]
  readonly dead: readonly Burial<Item>[]
  /** May break the receiver: tried alone from now on, and not before `until`. */
  readonly aside?: { readonly item: Item; readonly until: number }
}

/** Delivery state of a sink, stored between deliveries. */
export interface Gate {
  /** Consecutive failed deliveries. */
  readonly failures: number
  /** Nothing is sent before this time, ms since the epoch. */
  readonly notBefore: number
  /** Reason and text of the last failure; null after a success. */
  readonly reason: FailureReason | null
  readonly detail: string | null
  readonly tokens: number
  /** Time of `tokens`, which is that of the last request. */
  readonly tokensAt: number
  readonly deliveredAt: number | null
  readonly deliveredTotal: number
}

/** How the wall clock was set. */
export interface ClockChange {
  /** By how much, ms. 0 at a start, which cannot know it: then only times that cannot be true are corrected. */
  readonly byMs: number
  /** What the clock says now, ms since the epoch. */
  readonly now: number
  /** Longest wait before a retry, and the longest that a receiver may ask for. A later time is of another clock. */
  readonly longestMs: number
  readonly longestAskedMs: number
}

/** The durable queue of one sink. Every method is one short transaction. */
export interface Queue<Item extends Queued> {
  gate(): Gate
  /** Takes up to `limit` items that are due, in order, and leases them until `leaseUntil`. */
  claim(now: number, limit: number, leaseUntil: number): readonly Item[]
  settle(settlement: Settlement<Item>, gate: Gate, now: number): void
  /** When the next item is due: now or earlier if one waits, Infinity if none. */
  nextDue(): number
  /** Items never delivered. A later notice of an incident that people know does not count. */
  backlog(): { readonly pending: number; readonly oldest: number | null }
  /** Leaves out of the age of failing items the time in which nothing was tried, ms. */
  forgive(ms: number, now: number): void
  /** Moves the stored times along with the wall clock, so that what waits neither waits longer nor ends early. */
  clockSet(change: ClockChange): void
  /** Returns the items that an earlier process had leased. */
  release(): void
}
