import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Finding } from '../../core/documents/finding.ts'

/** A finding and the same as JSON. */
export interface Written {
  readonly finding: Finding
  readonly document: string
}

/** Findings in one slice. Held as objects they take about 7 KB each. */
const SLICE = 1024

/**
 * The findings between two commits, in their order. A commit waits for the state of the detectors, and up to then every
 * line may be a finding. So only the latest slice is held as it is; older ones are packed to a few percent of their size.
 */
export class HeldFindings {
  readonly #packed: Buffer[] = []
  #latest: Written[] = []

  add(findings: readonly Written[]): void {
    for (const one of findings) {
      if (this.#latest.length === SLICE) this.#pack()
      this.#latest.push(one)
    }
  }

  /** Gives the findings out, slice by slice. None is held afterwards. */
  *take(): Generator<readonly Written[]> {
    for (let packed = this.#packed.shift(); packed; packed = this.#packed.shift()) {
      const documents = inflateRawSync(packed).toString().split('\n')
      yield documents.map((document) => ({ finding: JSON.parse(document) as Finding, document }))
    }
    const latest = this.#latest
    this.#latest = []
    yield latest
  }

  /** JSON holds no line break. */
  #pack(): void {
    const documents = this.#latest.map(({ document }) => document).join('\n')
    this.#packed.push(deflateRawSync(documents, { level: 1 }))
    this.#latest = []
  }
}
