import type { DetectRequest } from '../core/analysis.ts'
import type { BlockFormat, EventBlock, RecordBlock, SourceFile, StringColumn } from '../core/block.ts'
import type { Parser } from './ports.ts'

/** Where lines come from that belong to no file. */
const SOURCE: SourceFile = { id: 0, path: 'request', modifiedAt: 0 }

export interface LineBlock {
  readonly events: EventBlock
  /** Per event, which of the lines it is. */
  readonly line: Uint32Array
}

export interface ParsedLines {
  readonly blocks: readonly LineBlock[]
  /** By line: why it could not be read. */
  readonly refused: ReadonlyMap<number, string>
}

/** The formats that a lone line may have, in the order of trying. A line of JSON is known by its first character. */
const TRIED: readonly BlockFormat[] = ['access', 'syslog', 'plain']

/** Lines of any format to blocks, at most one per format; within a block the order of the lines is kept. */
export function parseLines(parser: Parser, requests: readonly DetectRequest[], now: number): ParsedLines {
  const blocks: LineBlock[] = []
  const refused = new Map<number, string>()
  const attempt = (lines: readonly number[], format: BlockFormat): number[] => {
    if (lines.length === 0) return []
    const records = recordsOf(
      lines.map((line) => requests[line].line),
      now,
    )
    const { events, rejects } = parser.parse(records, { format, framing: 'lines', context: '' })
    if (events.count > 0) {
      const line = Uint32Array.from(events.lines, (number) => lines[number - 1])
      blocks.push({ events: named(events, line, requests), line })
    }
    return rejects.map(({ line, reason }) => {
      refused.set(lines[line - 1], reason)
      return lines[line - 1]
    })
  }
  const all = requests.map((_, index) => index)
  attempt(
    all.filter((index) => isJson(requests[index].line)),
    'json',
  )
  let left = all.filter((index) => !isJson(requests[index].line))
  for (const format of TRIED) left = attempt(left, format)
  for (const { line } of blocks) for (const index of line) refused.delete(index)
  return { blocks, refused }
}

function isJson(line: string): boolean {
  return line.trimStart().startsWith('{')
}

/** Line breaks within a line would make two records of it; they become blanks. */
function recordsOf(lines: readonly string[], now: number): RecordBlock {
  const count = lines.length
  const starts = new Uint32Array(count)
  const ends = new Uint32Array(count)
  const offsets = new Float64Array(count)
  const numbers = new Uint32Array(count)
  const parts: string[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    const line = lines[i].replace(/[\r\n]+$/, '').replace(/[\r\n]/g, ' ')
    starts[i] = at
    offsets[i] = at
    at += Buffer.byteLength(line)
    ends[i] = at
    at += 1
    numbers[i] = i + 1
    parts.push(line, '\n')
  }
  const bytes = Buffer.from(parts.join(''))
  const source = { ...SOURCE, modifiedAt: now }
  return { source, bytes, count, starts, ends, flags: new Uint8Array(count), lines: numbers, offsets, endOffset: at }
}

function named(events: EventBlock, line: Uint32Array, requests: readonly DetectRequest[]): EventBlock {
  if (!requests.some(({ session }) => session)) return events
  const session: StringColumn = { at: (index) => requests[line[index]].session ?? '' }
  return { ...events, session }
}
