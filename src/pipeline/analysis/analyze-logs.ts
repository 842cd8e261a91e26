import { statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { systemClock } from '../../core/clock.ts'
import type { AnalysedLogs, Analysis } from '../../core/documents/analysis.ts'
import type { Finding, Phase } from '../../core/documents/finding.ts'
import { SEVERITIES, type Severity } from '../../core/documents/severity.ts'
import { messageOf, OddlineError } from '../../core/errors.ts'
import type { Sniffed } from '../../core/parsed.ts'
import type { Adjust } from '../../learning/adjust.ts'
import type { Voter } from '../../learning/models/voter.ts'
import { OneFile } from '../../reading/one-file.ts'
import { judge } from '../judge.ts'
import type { Parser } from '../source/block-source.ts'

const CHUNK_BYTES = 1024 * 1024
const MAX_REJECTS = 20

export interface AnalysisContext {
  readonly parser: Parser
  /** Detectors without earlier sessions. */
  readonly voters: readonly Voter[]
  readonly phase: Phase
  readonly minScore: number
  readonly adjust: Adjust | undefined
  readonly maxLineBytes: number
  readonly sniff: (head: Buffer, path: string) => Sniffed
  /** Whether nobody waits for the result any more. */
  readonly cancelled: () => boolean
}

interface Limits {
  readonly maxBytes: number
  readonly maxFindings: number
}

/**
 * Reads a file or text to its end and judges it as a batch would. Nothing is stored.
 * @throws OddlineError INPUT_UNREADABLE, STATE_BUSY when it is cancelled
 */
export async function analyzeLogs(logs: AnalysedLogs, limits: Limits, context: AnalysisContext): Promise<Analysis> {
  const file = open(logs, limits, context)
  try {
    const found = await readAll(file, limits, context)
    return { ...found, problems: [...(file.problem ? [file.problem] : []), ...found.problems] }
  } finally {
    file.close()
  }
}

function open(logs: AnalysedLogs, { maxBytes }: Limits, { maxLineBytes, sniff }: AnalysisContext): OneFile {
  const options = { maxRecordBytes: maxLineBytes, chunkBytes: Math.max(CHUNK_BYTES, 4 * maxLineBytes), sniff }
  if ('text' in logs) {
    checkSize(logs.name, Buffer.byteLength(logs.text), maxBytes)
    return OneFile.ofText(logs.text, logs.name, systemClock.now(), options)
  }
  const { path, name = path } = logs
  try {
    checkSize(basename(name), statSync(path).size, maxBytes)
    return OneFile.open(path, name, options)
  } catch (error) {
    if (error instanceof OddlineError) throw error
    throw new OddlineError('INPUT_UNREADABLE', `${basename(name)} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function checkSize(name: string, size: number, maxBytes: number): void {
  if (size <= maxBytes) return
  throw new OddlineError(
    'INPUT_UNREADABLE',
    `${name} has ${size} bytes; the limit is ${maxBytes} (api.max_file_bytes).`,
  )
}

async function readAll(file: OneFile, { maxBytes, maxFindings }: Limits, context: AnalysisContext): Promise<Analysis> {
  const { parser, voters, phase, minScore, adjust, cancelled } = context
  const strongest = new Strongest(maxFindings)
  const bySeverity = Object.fromEntries(SEVERITIES.map((name) => [name, 0])) as Record<Severity, number>
  const counts = { lines: 0, parsed: 0, rejected: 0, skipped: 0, found: 0 }
  const rejects: Analysis['rejects'][number][] = []
  const problems: Analysis['problems'][number][] = []
  let format = 'unknown'
  for (let read = await file.next(cancelled); read; read = await file.next(cancelled)) {
    // Lets an order to cancel arrive.
    await setImmediate()
    const { block, sniffed } = read
    const { path } = block.source
    if (block.endOffset > maxBytes) {
      const detail = `What came after the first ${maxBytes} bytes was not read (api.max_file_bytes).`
      problems.push({ path, kind: 'too_large', detail })
      break
    }
    const parsed = parser.parse(block, sniffed)
    format = sniffed.format
    counts.lines += block.count
    counts.parsed += parsed.events.count
    counts.rejected += parsed.rejects.length
    counts.skipped += parsed.skipped
    for (const { line, reason, text } of parsed.rejects)
      if (rejects.length < MAX_REJECTS) rejects.push({ line, reason, text: text.slice(0, 500) })
    const { findings } = await judge(parsed.events, voters, { minScore, phase, logDir: dirname(path), adjust })
    for (const finding of findings) {
      counts.found++
      bySeverity[finding.oddline.severity]++
      strongest.add(finding)
    }
  }
  if (cancelled()) throw new OddlineError('STATE_BUSY', 'The analysis was cancelled.')
  return { ...counts, format, phase, bySeverity, findings: strongest.inOrder(), problems, rejects }
}

/** The strongest findings of a stream, in bounded memory. */
class Strongest {
  readonly #limit: number
  #kept: { readonly order: number; readonly finding: Finding }[] = []
  #count = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  add(finding: Finding): void {
    this.#kept.push({ order: this.#count++, finding })
    if (this.#kept.length >= 2 * this.#limit + 16) this.#prune()
  }

  /** In the order in which they came. */
  inOrder(): Finding[] {
    this.#prune()
    return this.#kept.sort((a, b) => a.order - b.order).map(({ finding }) => finding)
  }

  #prune(): void {
    this.#kept.sort((a, b) => b.finding.oddline.score - a.finding.oddline.score || a.order - b.order)
    this.#kept = this.#kept.slice(0, this.#limit)
  }
}
