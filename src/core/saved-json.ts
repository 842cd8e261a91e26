import { z } from 'zod'
import { messageOf, OddlineError } from './errors.ts'

/**
 * Decodes state that was saved as JSON. Fields that the schema does not know are dropped.
 * @param what how messages call it
 * @throws OddlineError MODEL_INVALID if the bytes are not the JSON that the schema describes
 */
export function decodeJson<T>(what: string, schema: z.ZodType<T>, bytes: Uint8Array): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString()))
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw new OddlineError('MODEL_INVALID', `The saved ${what} cannot be read: ${reason}.`, { cause: error })
  }
}

/** For those who only look at saved state: its damage is reported and mended by the process that learns. */
export function decodeOr<T>(fallback: T, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof OddlineError && error.code === 'MODEL_INVALID') return fallback
    throw error
  }
}
