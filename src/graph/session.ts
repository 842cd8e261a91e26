import { InferenceSession } from 'onnxruntime-node'

export interface SessionOptions {
  /** Threads per operation; 1 if absent. On busy cores, several sessions with one thread are faster than one with several. */
  readonly threads?: number
}

const SEVERITY_FATAL = 4

/** Opens a model, given as bytes or path, on the CPU. ONNX Runtime prints nothing; errors are thrown. */
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
