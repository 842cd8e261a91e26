import type { Config } from '../../config/schema.ts'
import type {
  Analysis,
  AnalysisRequest,
  AnalyzerState,
  DetectAnswer,
  DetectRequest,
} from '../../core/documents/analysis.ts'
import type { ErrorCode } from '../../core/errors.ts'

/** What the analyzer needs of the configuration; nothing secret crosses to its threads. */
export type AnalyzerSettings = Pick<Config, 'logs' | 'state' | 'models' | 'detection'>

export type AnalyzerRequest =
  | { readonly type: 'detect'; readonly id: number; readonly requests: readonly DetectRequest[] }
  | { readonly type: 'analyze'; readonly id: number; readonly request: AnalysisRequest }
  | { readonly type: 'refresh'; readonly id: number }
  | { readonly type: 'close' }

export type AnalyzerReply =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly id: number; readonly value: readonly DetectAnswer[] | Analysis | AnalyzerState }
  | {
      readonly type: 'failed'
      readonly id: number | null
      readonly message: string
      readonly code?: ErrorCode
      readonly stack?: string
    }
