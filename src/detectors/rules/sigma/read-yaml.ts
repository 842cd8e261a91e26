import { createRequire } from 'node:module'
import type { Document, Node } from 'yaml'

/** Loaded on first use, because most files come from the cache. */
const yaml = () => createRequire(import.meta.url)('yaml') as typeof import('yaml')

/**
 * Returns a function per document of a Sigma file that returns its content.
 * @throws Error (from that function) if the document is invalid YAML
 */
export function readYaml(text: string): readonly (() => unknown)[] {
  const { LineCounter, parseAllDocuments } = yaml()
  const documents = parseAllDocuments(text, { lineCounter: new LineCounter(), logLevel: 'silent' })
  return [...documents].map((document: Document) => () => {
    if (document.errors.length > 0) throw new Error(document.errors[0].message.split('\n')[0])
    keepTextOfNumbers(document)
    return document.toJS({ maxAliasCount: 100 }) as unknown
  })
}

/**
 * Keeps the original text of numbers such as `00000429` and `0x17` in detections. The specification says: "All values
 * are treated as case-insensitive strings."
 */
function keepTextOfNumbers(document: Document): void {
  for (const key of ['detection', 'filter']) {
    const section = document.get(key, true)
    if (!section) continue
    yaml().visit(section as Node, {
      Scalar(_, scalar) {
        if (typeof scalar.value === 'number' && scalar.source !== String(scalar.value)) scalar.value = scalar.source
      },
    })
  }
}
