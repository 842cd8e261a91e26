import type { TrainingProgress } from '../../../core/documents/training.ts'

/** How to train. Only the seed and the bounds are required; the rest is sized for a laptop's minute. */
export interface TrainingOptions {
  readonly seed: number
  /** Training stops after this time, in ms, with the best weights so far. */
  readonly deadlineMs: number
  /** Training stops after about this many tokens. */
  readonly maxTokens: number
  readonly maxEpochs?: number
  /** d_model; a multiple of `heads`. */
  readonly width?: number
  readonly layers?: number
  readonly heads?: number
  /** Positions that are seen at once; at least 21. */
  readonly context?: number
  /** Predecessors that every event of a long session keeps in sight; below `context`. */
  readonly overlap?: number
  /** Rows of `context` positions of one step. */
  readonly rows?: number
  /** Highest learning rate, reached after a warmup; it then falls along a cosine to a tenth. */
  readonly rate?: number
  /** Share of the sequences that is held out for early stopping and calibration. */
  readonly heldOutShare?: number
  /** Templates that occur less often than this become UNK. */
  readonly minimumCount?: number
  /** Share of the seen templates that a step replaces by UNK. */
  readonly forgetting?: number
  /** Share of the templates that training moves by up to four places, see `augment.ts`. */
  readonly displacement?: number
  /** Steps between two looks at the held-out loss. */
  readonly validateEvery?: number
  /** Looks without improvement after which training stops. */
  readonly patience?: number
  readonly threads?: number
  /** Whether each sequence came to its end, which is then learnt as its last step; all of them did where this is absent. */
  readonly complete?: readonly boolean[]
  readonly onProgress?: (progress: TrainingProgress) => void
  readonly signal?: AbortSignal
}

const MINIMUM_OVERLAP = 20
/** As good as 64 on HDFS, for three quarters of the cost; 32 is not. */
const WIDTH = 48
const MAX_VALIDATION_TOKENS = 50_000
const WARMUP_STEPS = 100

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

/** The learning rate of a step: a linear warmup, then half a cosine from `rate` to a tenth of it. */
export function cosine(step: number, steps: number, { rate }: { readonly rate: number }): number {
  const warmup = Math.min(WARMUP_STEPS, Math.ceil(steps / 10))
  if (step <= warmup) return (rate * step) / warmup
  const progress = (step - warmup) / Math.max(1, steps - warmup)
  return rate * (0.1 + 0.45 * (1 + Math.cos(Math.PI * progress)))
}
