import type { Config } from '../../config/schema.ts'
import type {
  Analysis,
  AnalysisRequest,
  AnalyzerState,
  DetectAnswer,
  DetectRequest,
} from '../../core/documents/analysis.ts'

/** What the analyzer needs of the configuration. Nothing secret crosses to its threads. */
export type AnalyzerSettings = Pick<Config, 'logs' | 'state' | 'models' | 'detection'>

export type AnalyzerProtocol = {
  readonly settings: AnalyzerSettings
  readonly calls: {
    detect(requests: readonly DetectRequest[]): readonly DetectAnswer[]
    /** `id` is for `cancel`. */
    analyze(request: AnalysisRequest, id: number): Analysis
    refresh(): AnalyzerState
  }
  readonly orders: {
    /** Ends this analysis, whether it runs or is still to begin. Its call fails. */
    cancel(id: number): void
  }
  readonly event: never
}
