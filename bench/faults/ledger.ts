/** Knows every line that was written, and what came of it. */
export class Ledger {
  #next = 0
  /** Lines that must be read, and those that may be lost: their only file was deleted or truncated. */
  readonly #written = new Set<string>()
  readonly #maybe = new Set<string>()
  readonly #read = new Map<string, number>()
  readonly unknown: string[] = []

  /** A line that is unlike any other, from one byte on. */
  newLine(padding: number): string {
    const line = `${(this.#next++).toString(36)}${'.'.repeat(padding)}`
    this.written(line)
    return line
  }

  /** A line to be written in two parts, each unlike any other. It counts once it is `written`. */
  newFragment(): string {
    const number = (this.#next++).toString(36)
    return `<${number}--${number}>`
  }

  written(line: string): void {
    this.#written.add(line)
  }

  mayBeLost(lines: readonly string[]): void {
    for (const line of lines) this.#maybe.add(line)
  }

  read(line: string): void {
    if (line === '' || line.startsWith('#')) return
    this.#read.set(line, (this.#read.get(line) ?? 0) + 1)
  }

  get linesIn(): number {
    return this.#written.size
  }

  get linesOut(): number {
    return [...this.#read.values()].reduce((sum, count) => sum + count, 0)
  }

  duplicates(): string[] {
    return [...this.#read].filter(([, count]) => count > 1).map(([line]) => line)
  }

  lost(): string[] {
    return [...this.#written].filter((line) => !this.#read.has(line) && !this.#maybe.has(line))
  }

  /** What was read and never written, apart from the fragments that are left for good in files that ended so. */
  invented(): string[] {
    return [...this.#read.keys()].filter((line) => !this.#written.has(line) && !isFragment(line))
  }
}

function isFragment(line: string): boolean {
  return /^<[0-9a-z]+-$/.test(line) || /^-[0-9a-z]+>$/.test(line)
}
