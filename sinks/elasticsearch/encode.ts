import type { Finding } from '#sink'

/** Pairs of action and document of the bulk API. `create` with the finding's id: a second arrival is a 409, not a copy. */
export function encode(batch: readonly Finding[]): object[] {
  return batch.flatMap((finding) => [{ create: { _id: finding.event.id } }, finding])
}
