/** Why a batch runs. */
export type Trigger = 'start' | 'interval' | 'cron' | 'watch' | 'catch-up' | 'request'

/**
 * Runs batches one at a time. If triggers arrive during a run, exactly one more run follows, however many there were.
 *
 *   idle --trigger--> running --trigger--> running, next run wanted --end--> running
 *   running --end--> idle          any --stop--> stopped, after the current run
 */
export class Scheduler {
  readonly #run: (trigger: Trigger) => Promise<void>
  #state: 'idle' | 'running' | 'stopped' = 'idle'
  #wanted: Trigger | undefined
  #current: Promise<void> = Promise.resolve()

  /** `run` handles its own failures. An error that it throws rejects `settled` and `stop`. */
  constructor(run: (trigger: Trigger) => Promise<void>) {
    this.#run = run
  }

  get running(): boolean {
    return this.#state === 'running'
  }

  trigger(trigger: Trigger): void {
    if (this.#state === 'stopped') return
    if (this.#state === 'running') {
      this.#wanted = trigger
      return
    }
    this.#state = 'running'
    this.#current = this.#loop(trigger)
  }

  /** Resolves when no run is in progress and none is wanted. */
  settled(): Promise<void> {
    return this.#current
  }

  /** Starts no further run. Resolves when the current run has ended. */
  async stop(): Promise<void> {
    this.#state = 'stopped'
    this.#wanted = undefined
    await this.#current
  }

  async #loop(first: Trigger): Promise<void> {
    let next: Trigger | undefined = first
    while (next !== undefined) {
      await this.#run(next)
      next = this.#wanted
      this.#wanted = undefined
    }
    if (this.#state === 'running') this.#state = 'idle'
  }
}
