import { Presets, SingleBar } from 'cli-progress'
import type { BatchProgress } from '../../core/batch.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { bytes } from './text.ts'

/** Elsewhere than on a terminal a long batch says so in its log every so often, ms. */
const LOG_EVERY_MS = 10_000

/** Progress of a batch: a bar on a terminal, log lines elsewhere. */
export function createProgress(
  telemetry: Telemetry,
  bar: boolean,
): { update(progress: BatchProgress): void; end(): void } {
  return bar ? barProgress() : logProgress(telemetry)
}

function barProgress() {
  const bar = new SingleBar(
    {
      format: '{bar} {percentage}% of {size} | {lines} lines | {findings} findings',
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_classic,
  )
  let started = false
  return {
    update({ bytesToRead, totals }: BatchProgress) {
      const facts = {
        size: bytes(bytesToRead),
        lines: totals.lines.toLocaleString('en-US'),
        findings: totals.findings.total,
      }
      if (!started && bytesToRead > 0) bar.start(bytesToRead, 0, facts)
      started ||= bytesToRead > 0
      if (started) bar.update(Math.min(totals.bytes, bytesToRead), facts)
    },
    end: () => bar.stop(),
  }
}

function logProgress(telemetry: Telemetry) {
  let last = Date.now()
  return {
    update({ bytesToRead, totals }: BatchProgress) {
      if (Date.now() - last < LOG_EVERY_MS) return
      last = Date.now()
      telemetry.batchProgress(totals.lines, totals.bytes, bytesToRead)
    },
    end: () => {},
  }
}
