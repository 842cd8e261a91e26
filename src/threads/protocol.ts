import type { PortableError } from './portable-error.ts'

type Methods = Record<string, (...args: never[]) => unknown>

/** What one kind of thread is started with, answers, obeys and reports. Both sides are typed by it. */
export interface ThreadProtocol {
  readonly settings: unknown
  /** Each is answered. One runs at a time, in the order of asking. */
  readonly calls: Methods
  /** Each takes effect at once, also while a call runs, and has no answer. */
  readonly orders: Methods
  /** What the thread reports on its own. */
  readonly event: unknown
}

/** A call as it crosses to the thread. */
export interface Call {
  readonly kind: 'call'
  readonly id: number
  readonly name: string
  readonly args: readonly unknown[]
}

export type Request =
  | Call
  | { readonly kind: 'order'; readonly name: string; readonly args: readonly unknown[] }
  | { readonly kind: 'close'; readonly id: number }

export type Reply =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PortableError }
  | { readonly kind: 'event'; readonly event: unknown }

/** The id under which a thread answers that it has opened. */
export const OPENED = 0
