import type { SteadyClock } from '../../src/core/clock.ts'

/** A clock that a test reads from where it keeps the time; nobody sets it. */
export function clockOf(time: () => number): SteadyClock {
  return { now: time, monotonic: time }
}

/** Time passes when a test says so, and the wall clock can be set without that. */
export class SettableClock implements SteadyClock {
  #wall: number
  #passed = 0

  constructor(wall: number) {
    this.#wall = wall
  }

  now(): number {
    return this.#wall
  }

  monotonic(): number {
    return this.#passed
  }

  pass(ms: number): void {
    this.#wall += ms
    this.#passed += ms
  }

  set(byMs: number): void {
    this.#wall += byMs
  }
}
