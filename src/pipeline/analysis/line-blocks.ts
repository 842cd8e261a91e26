import type { BlockFormat, EventBlock, RecordBlock, SourceFile, StringColumn } from '../../core/columns/block.ts'
import type { Parser } from '../source/block-source.ts'

/** The source of lines that belong to no file. */
const SOURCE: SourceFile = { id: 0, path: 'request', modifiedAt: 0 }

/** One line, and its session if that is not its client's. */
export interface Line {
  readonly text: string
  readonly session: string | undefined
}

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

/** The formats to try for a single line, in this order. JSON is known by its first character. */
const TRIED: readonly BlockFormat[] = ['access', 'syslog', 'plain']

/** Parses lines of any format into blocks, one per format. Each block keeps the order of its lines. */
export function parseLines(parser: Parser, all: readonly Line[], now: number): ParsedLines {
  const blocks: LineBlock[] = []
  const refused = new Map<number, string>()
  const attempt = (lines: readonly number[], format: BlockFormat): number[] => {
    if (lines.length === 0) return []
    const records = recordsOf(
      lines.map((line) => all[line].text),
      now,
    )
    const { events, rejects } = parser.parse(records, { format, framing: 'lines', context: '' })
    if (events.count > 0) {
      const line = Uint32Array.from(events.lines, (number) => lines[number - 1])
      blocks.push({ events: named(events, line, all), line })
    }
    return rejects.map(({ line, reason }) => {
      refused.set(lines[line - 1], reason)
      return lines[line - 1]
    })
  }
  const json: number[] = []
  let left: number[] = []
  all.forEach(({ text }, index) => {
    if (isJson(text)) json.push(index)
    else left.push(index)
  })
  attempt(json, 'json')
  for (const format of TRIED) left = attempt(left, format)
  for (const { line } of blocks) for (const index of line) refused.delete(index)
  return { blocks, refused }
}

function isJson(line: string): boolean {
  return /^\s*\{/.test(line)
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
    const line = oneLine(lines[i])
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

function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]+$/, '').replace(/[\r\n]/g, ' ') : text
}

function named(events: EventBlock, line: Uint32Array, all: readonly Line[]): EventBlock {
  if (!all.some(({ session }) => session)) return events
  const session: StringColumn = { at: (index) => all[line[index]].session ?? '' }
  return { ...events, session }
}
