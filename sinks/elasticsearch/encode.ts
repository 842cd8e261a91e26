import type { Finding } from '#sink'

/** Pairs of action and document for the bulk API. `create` with the finding's id turns a duplicate into a 409. */
export function encode(batch: readonly Finding[]): object[] {
  return batch.flatMap((finding) => [{ create: { _id: finding.event.id } }, finding])
}
