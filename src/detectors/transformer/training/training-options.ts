import type { TrainingProgress } from '../../../core/documents/training.ts'

/** Training options. The defaults are chosen for a training of about a minute on a laptop. */
export interface TrainingOptions {
  readonly seed: number
  /** Training stops after about this many tokens. */
  readonly maxTokens: number
  readonly maxEpochs?: number
  /** d_model; a multiple of `heads`. */
  readonly width?: number
  readonly layers?: number
  readonly heads?: number
  /** Tokens in a window; at least 21. */
  readonly context?: number
  /** Minimum number of previous events seen in a long session; 20 to `context` - 1. */
  readonly overlap?: number
  /** Rows of `context` positions per step. */
  readonly rows?: number
  /** Highest learning rate, see `cosine`. */
  readonly rate?: number
  /** Share of the sequences held out for early stopping and calibration. */
  readonly heldOutShare?: number
  /** Templates with fewer occurrences become UNK. */
  readonly minimumCount?: number
  /** Share of the input templates that each step replaces by UNK. */
  readonly forgetting?: number
  /** Share of the templates that are moved by up to four places, see `augment.ts`. */
  readonly displacement?: number
  /** Steps between two validations. */
  readonly validateEvery?: number
  /** Training stops after this many validations without improvement. */
  readonly patience?: number
  readonly threads?: number
  /** Per sequence, whether its end was seen and is learnt as its last step; true for all if absent. */
  readonly complete?: readonly boolean[]
  readonly onProgress?: (progress: TrainingProgress) => void
  readonly signal?: AbortSignal
}

const MINIMUM_OVERLAP = 20
/** As good as 64 on HDFS, for three quarters of the cost; 32 is not. */
const WIDTH = 48
/** Held-out tokens used for a validation. */
const MAX_VALIDATION_TOKENS = 50_000
const WARMUP_STEPS = 100

/** @throws RangeError if the overlap does not fit the context */
export function withDefaults(options: TrainingOptions) {
  const { context = 64, overlap = MINIMUM_OVERLAP } = options
  if (overlap < MINIMUM_OVERLAP || overlap >= context) {
    throw new RangeError(`The overlap must be at least ${MINIMUM_OVERLAP} and below the context; it is ${overlap}.`)
  }
  const width = options.width ?? WIDTH
  return {
    ...options,
    dimensions: { context, width, layers: options.layers ?? 2, heads: options.heads ?? 4, inner: 4 * width },
    overlap,
    maxEpochs: options.maxEpochs ?? 40,
    rows: options.rows ?? 32,
    rate: options.rate ?? 3e-3,
    heldOutShare: options.heldOutShare ?? 0.1,
    minimumCount: options.minimumCount ?? 1,
    forgetting: options.forgetting ?? 0.01,
    displacement: options.displacement ?? 0.05,
    validateEvery: options.validateEvery ?? 100,
    patience: options.patience ?? 8,
    threads: options.threads ?? 1,
    maxValidationTokens: MAX_VALIDATION_TOKENS,
  }
}

/** The learning rate of a step (from 1): a linear warmup, then half a cosine from `rate` down to a tenth of it. */
export function cosine(step: number, steps: number, { rate }: { readonly rate: number }): number {
  const warmup = Math.min(WARMUP_STEPS, Math.ceil(steps / 10))
  if (step <= warmup) return (rate * step) / warmup
  const progress = (step - warmup) / Math.max(1, steps - warmup)
  return rate * (0.1 + 0.45 * (1 + Math.cos(Math.PI * progress)))
}
