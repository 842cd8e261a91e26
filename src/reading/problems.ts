import type { ReadProblem, ReadProblemKind } from '../core/documents/batch.ts'
import { type ForeignContent, foreignContent } from '../core/text/foreign-content.ts'
import type { SourceEnd } from './bytes/byte-source.ts'
import { endOfHole } from './records/holes.ts'

/** A problem as it is stored with its file: `kind: detail`, or empty. */
export type ProblemText = string

/** The problems of a batch, one of each kind for a path. */
export class Problems {
  readonly #byName = new Map<string, ReadProblem>()

  add(problem: ReadProblem): void {
    const name = `${problem.kind} ${problem.path}`
    if (!this.#byName.has(name)) this.#byName.set(name, problem)
  }

  all(): readonly ReadProblem[] {
    return [...this.#byName.values()]
  }
}

export function readProblemOf(path: string, text: ProblemText): ReadProblem | undefined {
  if (text === '') return undefined
  const colon = text.indexOf(': ')
  return { path, kind: text.slice(0, colon) as ReadProblemKind, detail: text.slice(colon + 2) }
}

/** The problem with a file that is no log. */
export function foreign(raw: Buffer): ProblemText {
  const { kind, what } = foreignContent(raw.subarray(endOfHole(raw, 0, raw.length))) ?? UNKNOWN
  switch (kind) {
    case 'binary':
      return `binary: it is no log but ${what}; it is skipped`
    case 'unsupported_compression':
      return `unsupported_compression: it is compressed with ${what}; only gzip is supported, so it is skipped`
    case 'encrypted':
      return `encrypted: it is encrypted (${what}); decrypt it, or leave it out with logs.exclude`
    default:
      return kind satisfies never
  }
}

const UNKNOWN: ForeignContent = { kind: 'binary', what: 'binary data' }

/** The problem with content that ended like this after `position` bytes, all of which were read. */
export function damage(end: SourceEnd, position: number): ProblemText {
  switch (end) {
    case 'open':
    case 'complete':
      return ''
    case 'truncated':
      return `truncated_gzip: the gzip stream is incomplete; ${position} bytes of it were read`
    case 'corrupt':
      return `corrupt_gzip: the gzip stream is damaged; the ${position} bytes before the damage were read`
    case 'bomb':
      return `gzip_bomb: it expands to an unreasonable size; only the first ${position} bytes were read`
    default:
      return end satisfies never
  }
}
