import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, OddlineError } from '../../core/errors.ts'
import { loadTransformer } from './artifacts.ts'
import { SequenceScorer } from './scoring/scorer.ts'

/** Tolerance for a different order of summation on other processors, nats. */
const TOLERANCE = 0.005

const Golden = z.strictObject({
  sessions: z.array(z.array(z.number().int())),
  nll: z.array(z.array(z.number())),
})
export type Golden = z.infer<typeof Golden>

/**
 * Checks that ONNX Runtime computes correctly on this host: scores known sessions with a small shipped network and compares
 * with the stored scores.
 * @returns the largest difference, nats
 * @throws OddlineError MODEL_INVALID if a score differs or the files cannot be read
 */
export async function selfTest(directory: string): Promise<number> {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(directory, file), 'utf8'))
  let largest = 0
  try {
    const golden = Golden.parse(read('golden.json'))
    const config = z.object({ transformer: z.unknown() }).parse(read('model_config.json'))
    const scorer = await SequenceScorer.open(loadTransformer(directory, config.transformer))
    try {
      const scores = await scorer.scoreSessions(golden.sessions.map((session) => Int32Array.from(session)))
      golden.nll.forEach((expected, i) => {
        expected.forEach((value, j) => {
          largest = Math.max(largest, Math.abs(value - scores[i][j]))
        })
      })
    } finally {
      await scorer.close()
    }
  } catch (error) {
    throw new OddlineError('MODEL_INVALID', `The self-test in ${directory} cannot be run: ${messageOf(error)}`, {
      cause: error,
    })
  }
  if (!(largest <= TOLERANCE)) {
    throw new OddlineError(
      'MODEL_INVALID',
      `The transformer scores known sessions ${largest.toFixed(4)} nats differently on this host than where it was made. ` +
        'Install the onnxruntime-node of the lock file; until then run without the transformer.',
    )
  }
  return largest
}
