/** Knows every line that was written, and what came of it. */
export class Ledger {
  readonly #format: (id: string, padding: number) => string
  #next = 0
  /** Lines that must be read, and those that may be lost: their only file was deleted or truncated. */
  readonly #written = new Set<string>()
  readonly #maybe = new Set<string>()
  /** Halves of lines, which stay halves where a file is rotated in between. */
  readonly #halves = new Set<string>()
  readonly #read = new Map<string, number>()

  /** `format` makes a line of an id that is unlike any other, and has it in its first half and in its second. */
  constructor(format = shortLine) {
    this.#format = format
  }

  newLine(padding: number): string {
    const line = this.#format(this.#newId(), padding)
    this.written(line)
    return line
  }

  /** The two halves of a line, which counts once it is `written`. */
  newHalves(): readonly [string, string] {
    const line = this.#format(this.#newId(), 1)
    const middle = line.length >> 1
    const halves = [line.slice(0, middle), line.slice(middle)] as const
    for (const half of halves) this.#halves.add(half)
    return halves
  }

  written(line: string): void {
    this.#written.add(line)
  }

  mayBeLost(lines: readonly string[]): void {
    for (const line of lines) this.#maybe.add(line)
  }

  /** Blank lines, holes and banners are read as often as they are written. */
  read(line: string): void {
    if (/^\0*(?:#|$)/.test(line)) return
    this.#read.set(line, (this.#read.get(line) ?? 0) + 1)
  }

  get linesIn(): number {
    return this.#written.size
  }

  get linesOut(): number {
    return [...this.#read.values()].reduce((sum, count) => sum + count, 0)
  }

  linesRead(): string[] {
    return [...this.#read.keys()]
  }

  duplicates(): string[] {
    return [...this.#read].filter(([, count]) => count > 1).map(([line]) => line)
  }

  lost(): string[] {
    return [...this.#written].filter((line) => !this.#read.has(line) && !this.#maybe.has(line))
  }

  /** Lines that were deleted or truncated with their only file before a run could look. */
  get deletedUnread(): number {
    return [...this.#maybe].filter((line) => !this.#read.has(line)).length
  }

  /** What was read and never written. */
  invented(): string[] {
    return [...this.#read.keys()].filter((line) => !this.#written.has(line) && !this.#halves.has(line))
  }

  #newId(): string {
    return (this.#next++).toString(36)
  }
}

/** As short as can be: the first lines of a log are of one byte. */
function shortLine(id: string, padding: number): string {
  return padding === 1 ? `<${id}--${id}>` : `${id}${'.'.repeat(padding)}`
}
