import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

/** Delay of the event loop over a period, in ms. */
export interface EventLoopDelay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

const INTERVAL_MS = 10

/** Measures the delay of this thread's event loop: how late a timer of 10 ms fires. */
export class EventLoopMonitor {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: INTERVAL_MS })

  constructor() {
    this.#histogram.enable()
  }

  /** The delay since the last call. */
  take(): EventLoopDelay {
    const delay = {
      p50: delayOf(this.#histogram.percentile(50)),
      p99: delayOf(this.#histogram.percentile(99)),
      max: delayOf(this.#histogram.max),
    }
    this.#histogram.reset()
    return delay
  }

  close(): void {
    this.#histogram.disable()
  }
}

/** Converts the time between two ticks in nanoseconds to a delay; 0 if there was no tick. */
function delayOf(nanoseconds: number): number {
  return Math.max(0, Math.round(nanoseconds / 1e4 - INTERVAL_MS * 100) / 100)
}
