import { z } from 'zod'

/** The `sinks` section as written: each entry is checked against the schema of its own type when the sinks are built. */
export const SinksSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/),
  z.looseObject({ type: z.string().min(1) }),
)
