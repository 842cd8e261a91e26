/** Lets loops sleep until a time has passed or another part of the program wakes them. */
export class WakeSignal {
  readonly #sleepers = new Set<() => void>()
  #wakes = 0

  /** Number of wakes so far. Read it before looking for work and pass it to `sleep`. */
  get wakes(): number {
    return this.#wakes
  }

  wake(): void {
    this.#wakes++
    for (const wakeUp of [...this.#sleepers]) wakeUp()
  }

  /** Sleeps for `ms`, until the next wake, or not at all if a wake came after `seen`. It always yields to the event loop. */
  sleep(ms: number, seen: number): Promise<void> {
    if (ms <= 0 || seen !== this.#wakes) return new Promise((resolve) => setImmediate(resolve))
    return new Promise((resolve) => {
      const wakeUp = () => {
        clearTimeout(timer)
        this.#sleepers.delete(wakeUp)
        resolve()
      }
      const timer = setTimeout(wakeUp, ms)
      this.#sleepers.add(wakeUp)
    })
  }
}
