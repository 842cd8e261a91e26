const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const two = (value: number): string => (value < 10 ? `0${value}` : String(value))

/** Writes times in seconds since the epoch as logs do, keeping the text of the last second and the last day. */
export class LogTimes {
  #second = -1
  #day = -1
  #clock = ''
  #date = new Date(0)

  /** `10/Oct/2000:13:55:36 +0000` */
  apache(seconds: number): string {
    this.#at(seconds)
    return `${two(this.#date.getUTCDate())}/${MONTHS[this.#date.getUTCMonth()]}/${this.#date.getUTCFullYear()}:${this.#clock} +0000`
  }

  /** `Oct  1 13:55:36` */
  syslog(seconds: number): string {
    this.#at(seconds)
    return `${MONTHS[this.#date.getUTCMonth()]} ${String(this.#date.getUTCDate()).padStart(2)} ${this.#clock}`
  }

  /** `2000-10-01T13:55:36Z` */
  iso(seconds: number): string {
    this.#at(seconds)
    return `${this.#date.getUTCFullYear()}-${two(this.#date.getUTCMonth() + 1)}-${two(this.#date.getUTCDate())}T${this.#clock}Z`
  }

  #at(seconds: number): void {
    const second = Math.floor(seconds)
    if (second === this.#second) return
    this.#second = second
    const day = Math.floor(second / 86_400)
    if (day !== this.#day) {
      this.#day = day
      this.#date = new Date(day * 86_400_000)
    }
    const ofDay = second - day * 86_400
    this.#clock = `${two(Math.floor(ofDay / 3600))}:${two(Math.floor(ofDay / 60) % 60)}:${two(ofDay % 60)}`
  }
}
