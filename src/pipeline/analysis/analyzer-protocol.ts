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
    analyze(request: AnalysisRequest): Analysis
    refresh(): AnalyzerState
  }
  readonly orders: Record<never, never>
  readonly event: never
}
