import { createRequire } from 'node:module'
import type { BatchProgress } from '../../../core/documents/batch.ts'
import type { TrainingProgress } from '../../../core/documents/training.ts'
import type { Telemetry } from '../../../telemetry/telemetry.ts'
import { bytesText } from '../../bytes-text.ts'

/** Interval of progress lines in the log when there is no terminal, ms. */
const LOG_EVERY_MS = 10_000

/** What is shown of the progress of reading. */
export interface ReadingProgress {
  readonly bytesToRead: number
  readonly totals: Pick<BatchProgress['totals'], 'bytes' | 'lines'> & { readonly findings: { readonly total: number } }
}

export interface ProgressDisplay {
  update(progress: ReadingProgress): void
  training(progress: TrainingProgress): void
  /** Removes the bar from the terminal. */
  end(): void
}

/** Progress of a batch and of a training: bars on a terminal, log lines elsewhere. */
export function createProgress(telemetry: Telemetry, bars: boolean): ProgressDisplay {
  return bars ? barProgress() : logProgress(telemetry)
}

function barProgress(): ProgressDisplay {
  const { Presets, SingleBar } = createRequire(import.meta.url)('cli-progress') as typeof import('cli-progress')
  const bar = new SingleBar(
    { format: '{bar} {percentage}% {text}', clearOnComplete: true, hideCursor: true },
    Presets.shades_classic,
  )
  let total = 0
  const show = (value: number, of: number, text: string) => {
    if (total !== of) bar.start(of, value, { text })
    total = of
    bar.update(value, { text })
  }
  return {
    update({ bytesToRead, totals }) {
      if (bytesToRead === 0) return
      const text = `of ${bytesText(bytesToRead)} | ${totals.lines.toLocaleString('en-US')} lines | ${totals.findings.total} findings`
      show(Math.min(totals.bytes, bytesToRead), bytesToRead, text)
    },
    training: ({ step, steps, heldOutLoss }) =>
      show(step, steps, `learning sequences | loss ${heldOutLoss.toFixed(3)}`),
    end() {
      total = 0
      bar.stop()
    },
  }
}

function logProgress(telemetry: Telemetry): ProgressDisplay {
  let last = performance.now()
  const sometimes = (say: () => void) => {
    if (performance.now() - last < LOG_EVERY_MS) return
    last = performance.now()
    say()
  }
  return {
    update: ({ bytesToRead, totals }) =>
      sometimes(() => telemetry.batchProgress(totals.lines, totals.bytes, bytesToRead)),
    training: (progress) => sometimes(() => telemetry.training(progress)),
    end: () => {},
  }
}
