import type { ReadProblem, ReadProblemKind } from '../core/documents/batch.ts'
import type { SourceEnd } from './bytes/byte-source.ts'

/** A problem as it is stored with its file: `kind: detail`, or empty. */
export type ProblemText = string

export function readProblemOf(path: string, text: ProblemText): ReadProblem | undefined {
  if (text === '') return undefined
  const colon = text.indexOf(': ')
  return { path, kind: text.slice(0, colon) as ReadProblemKind, detail: text.slice(colon + 2) }
}

const FOREIGN_COMPRESSION: readonly (readonly [string, string])[] = [
  ['zstd', '28b52ffd'],
  ['xz', 'fd377a585a00'],
  ['bzip2', '425a68'],
  ['zip', '504b0304'],
]

/** The problem with a file that is not text. */
export function foreign(head: Buffer): ProblemText {
  const hex = head.toString('hex', 0, 8)
  const compression = FOREIGN_COMPRESSION.find(([, magic]) => hex.startsWith(magic))
  if (compression === undefined) return 'binary: it is not text; exclude it with logs.exclude'
  return `unsupported_compression: it is compressed with ${compression[0]}; only gzip is supported`
}

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
