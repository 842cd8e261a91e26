import type { Finding } from '#sink'

/** JSON lines: JSON escapes every line break within a finding, so that a line is a finding. */
export function encode(batch: readonly Finding[]): Buffer {
  return Buffer.from(batch.map((finding) => `${JSON.stringify(finding)}\n`).join(''), 'utf8')
}
