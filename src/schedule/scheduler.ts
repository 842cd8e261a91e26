/** Why a batch runs. */
export type Trigger = 'start' | 'interval' | 'cron' | 'watch' | 'catch-up' | 'request'

/**
 * Runs batches one at a time. A trigger while one runs is not lost and does not pile up: however many come, one more run
 * follows.
 *
 *   idle --trigger--> running --trigger--> running, one more wanted --end--> running
 *   running --end--> idle          any --stop--> stopped, once the run has ended
 */
export class Scheduler {
  readonly #run: (trigger: Trigger) => Promise<void>
  #state: 'idle' | 'running' | 'stopped' = 'idle'
  #wanted: Trigger | undefined
  #current: Promise<void> = Promise.resolve()

  /** `run` reports its own failures; what it throws ends the process that awaits `stop` or `settled`. */
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

  /** When no run is under way and none is wanted. */
  settled(): Promise<void> {
    return this.#current
  }

  /** No further run starts; resolves when the one under way has ended. */
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
