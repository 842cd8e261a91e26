/** The wall clock as a dependency, so that tests can control it. People and time servers set it, so it may jump. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}

/** For waits and durations: `monotonic` runs on evenly, whatever happens to the wall clock. */
export interface SteadyClock extends Clock {
  /** Milliseconds since some moment of this thread. */
  monotonic(): number
}

export const systemClock: SteadyClock = { now: () => Date.now(), monotonic: () => performance.now() }

/** A clock that is steered smoothly differs by less between two looks. */
const SMALLEST_JUMP_MS = 1_000

/** Notices that the wall clock was set. A computer that slept counts too: for the program, no time has passed. */
export class ClockJumps {
  readonly #clock: SteadyClock
  #wall: number
  #monotonic: number

  constructor(clock: SteadyClock) {
    this.#clock = clock
    this.#wall = clock.now()
    this.#monotonic = clock.monotonic()
  }

  /** By how much the wall clock was set since the last call, ms; 0 if it only ran on. */
  take(): number {
    const wall = this.#clock.now()
    const monotonic = this.#clock.monotonic()
    const jump = wall - this.#wall - (monotonic - this.#monotonic)
    this.#wall = wall
    this.#monotonic = monotonic
    return Math.abs(jump) < SMALLEST_JUMP_MS ? 0 : Math.round(jump)
  }
}
