import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

/** How late the event loop was over some time, in ms. */
export interface Lateness {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

const INTERVAL_MS = 10

/** Measures how late this thread's event loop is: a timer every 10 ms, and how long after its time it comes. */
export class EventLoopMonitor {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: INTERVAL_MS })

  constructor() {
    this.#histogram.enable()
  }

  /** The lateness since the last call, and a new beginning. */
  take(): Lateness {
    const lateness = {
      p50: late(this.#histogram.percentile(50)),
      p99: late(this.#histogram.percentile(99)),
      max: late(this.#histogram.max),
    }
    this.#histogram.reset()
    return lateness
  }

  close(): void {
    this.#histogram.disable()
  }
}

/** The histogram holds the times between two ticks, in nanoseconds; 0 where there was none. */
function late(nanoseconds: number): number {
  return Math.max(0, Math.round(nanoseconds / 1e4 - INTERVAL_MS * 100) / 100)
}
