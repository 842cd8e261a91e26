import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** A gzip file that takes minutes to read to its end: 100 GB in one line, in 10 MB. */
export function writeEndlessFile(path: string): void {
  const part = gzipSync(Buffer.alloc(100_000_000, 'x'))
  writeFileSync(path, Buffer.concat(Array<Buffer>(1000).fill(part)))
}
