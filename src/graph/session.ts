import { InferenceSession } from 'onnxruntime-node'

export interface SessionOptions {
  /** Threads of one operation. Prefer more sessions of one thread: contended cores make two-thread sessions collapse. */
  readonly threads?: number
}

const SEVERITY_FATAL = 4

/** Opens a model (its bytes or the path of its file) on the CPU, silently: what goes wrong is thrown, not printed. */
export function openSession(model: Uint8Array | string, options: SessionOptions = {}): Promise<InferenceSession> {
  const settings: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    intraOpNumThreads: options.threads ?? 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: SEVERITY_FATAL,
  }
  return typeof model === 'string' ? InferenceSession.create(model, settings) : InferenceSession.create(model, settings)
}
