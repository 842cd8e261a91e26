import type { Analysis, AnalysisRequest } from '../core/documents/analysis.ts'
import { OddlineError } from '../core/errors.ts'
import type { FaceDeps } from './ports.ts'

/**
 * Analyses for as long as the caller waits, and no longer than `api.analysis_seconds`.
 * @throws OddlineError STATE_BUSY when the time is up; the reason of `gone` when it aborts
 */
export async function limitedAnalysis(
  { analyzer, config }: Pick<FaceDeps, 'analyzer' | 'config'>,
  request: AnalysisRequest,
  gone: AbortSignal,
): Promise<Analysis> {
  const { analysis_seconds: seconds } = config.api
  const end = new AbortController()
  const timer = setTimeout(() => end.abort(tooLong(seconds)), seconds * 1000)
  const leave = () => end.abort(gone.reason)
  gone.addEventListener('abort', leave)
  try {
    gone.throwIfAborted()
    return await analyzer.analyze(request, end.signal)
  } finally {
    clearTimeout(timer)
    gone.removeEventListener('abort', leave)
  }
}

function tooLong(seconds: number): OddlineError {
  return new OddlineError(
    'STATE_BUSY',
    `The analysis took longer than the ${seconds} seconds of api.analysis_seconds. Send less at once, ask again when ` +
      'fewer analyses run, or raise the setting.',
  )
}
