import { mkdtempSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { systemClock } from '../../core/clock.ts'
import type { Analysis } from '../../core/documents/analysis.ts'
import type { Finding, Phase } from '../../core/documents/finding.ts'
import { SEVERITIES, type Severity } from '../../core/documents/severity.ts'
import { messageOf, OddlineError } from '../../core/errors.ts'
import type { Sniffed } from '../../core/parsed.ts'
import type { Adjust } from '../../learning/adjust.ts'
import type { Voter } from '../../learning/models/active-models.ts'
import { Reader } from '../../reading/reader.ts'
import { judge } from '../judge.ts'
import type { Parser } from '../source/block-source.ts'

const CHUNK_BYTES = 1024 * 1024
const MAX_REJECTS = 20

export interface AnalysisContext {
  readonly parser: Parser
  /** Detectors as new: their sessions begin with the file. */
  readonly voters: readonly Voter[]
  readonly phase: Phase
  readonly minScore: number
  readonly adjust: Adjust | undefined
  readonly maxLineBytes: number
  readonly sniff: (head: Buffer, path: string) => Sniffed
}

/**
 * Reads one file to its end and judges it, as a batch would, with nothing recorded. The reader is given a directory that
 * holds a link to this file alone, so that it looks at no other.
 * @throws OddlineError INPUT_UNREADABLE
 */
export async function analyzeFile(
  path: string,
  limits: { readonly maxBytes: number; readonly maxFindings: number },
  context: AnalysisContext,
): Promise<Analysis> {
  const folder = mkdtempSync(join(tmpdir(), 'oddline-analysis-'))
  const reader = new Reader(
    {
      logDir: folder,
      include: ['**/*'],
      exclude: [],
      maxRecordBytes: context.maxLineBytes,
      chunkBytes: Math.max(CHUNK_BYTES, 4 * context.maxLineBytes),
      settleMs: 0,
      maxOpenFiles: 4,
      sniff: context.sniff,
      clock: systemClock,
    },
    [],
  )
  try {
    link(path, folder, limits.maxBytes)
    await reader.discover()
    const found = await readAll(reader, path, folder, limits, context)
    return { ...found, problems: [...reader.problems(), ...found.problems].map((problem) => ({ ...problem, path })) }
  } finally {
    await reader.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function link(path: string, folder: string, maxBytes: number): void {
  let size: number
  try {
    size = statSync(path).size
    symlinkSync(realpathSync(path), join(folder, basename(path)))
  } catch (error) {
    throw new OddlineError('INPUT_UNREADABLE', `${basename(path)} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
  if (size > maxBytes) {
    throw new OddlineError(
      'INPUT_UNREADABLE',
      `${basename(path)} has ${size} bytes; the limit is ${maxBytes} (api.max_file_bytes).`,
    )
  }
}

async function readAll(
  reader: Reader,
  path: string,
  folder: string,
  { maxBytes, maxFindings }: { readonly maxBytes: number; readonly maxFindings: number },
  context: AnalysisContext,
): Promise<Analysis> {
  const strongest = new Strongest(maxFindings)
  const bySeverity = Object.fromEntries(SEVERITIES.map((name) => [name, 0])) as Record<Severity, number>
  const counts = { lines: 0, parsed: 0, rejected: 0, skipped: 0, found: 0 }
  const rejects: Analysis['rejects'][number][] = []
  const problems: Analysis['problems'][number][] = []
  let format = 'unknown'
  for (;;) {
    const read = await reader.next()
    if (!read) break
    if (read.block.endOffset > maxBytes) {
      problems.push({
        path,
        kind: 'too_large',
        detail: `What came after the first ${maxBytes} bytes was not read (api.max_file_bytes).`,
      })
      break
    }
    const parsed = context.parser.parse(read.block, read.sniffed)
    format = read.sniffed.format
    counts.lines += read.block.count
    counts.parsed += parsed.events.count
    counts.rejected += parsed.rejects.length
    counts.skipped += parsed.skipped
    for (const { line, reason, text } of parsed.rejects)
      if (rejects.length < MAX_REJECTS) rejects.push({ line, reason, text: text.slice(0, 500) })
    const { findings } = await judge(parsed.events, context.voters, {
      minScore: context.minScore,
      phase: context.phase,
      logDir: folder,
      adjust: context.adjust,
    })
    for (const finding of findings) {
      counts.found++
      bySeverity[finding.oddline.severity]++
      strongest.add({ ...finding, log: { ...finding.log, file: { ...finding.log.file, path } } })
    }
  }
  return { ...counts, format, phase: context.phase, bySeverity, findings: strongest.inOrder(), problems, rejects }
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
