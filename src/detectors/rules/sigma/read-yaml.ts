import { createRequire } from 'node:module'
import type { Document, Node } from 'yaml'

/** Loaded where there is YAML to parse: files that were read before are taken from a cache. */
const yaml = () => createRequire(import.meta.url)('yaml') as typeof import('yaml')

/** What each document of a Sigma file holds, when asked for; throws an Error where it is no YAML. */
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
 * "All values are treated as case-insensitive strings", so a number in a detection that is written in another way than
 * ours stays as it is written: `00000429`, `0x17`.
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
