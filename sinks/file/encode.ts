import type { Finding } from '#sink'

/** One finding per line: JSON escapes the line breaks in a finding. */
export function encode(batch: readonly Finding[]): Buffer {
  return Buffer.from(batch.map((finding) => `${JSON.stringify(finding)}\n`).join(''), 'utf8')
}
