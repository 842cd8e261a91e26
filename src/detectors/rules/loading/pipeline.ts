import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { ResolveField } from '../sigma/evaluate.ts'
import { allOf, anyOf, type Expression } from '../sigma/expression.ts'
import type { LogSource } from '../sigma/model.ts'
import type { DocumentCache } from '../sigma/parse.ts'
import { compilePattern, parsePattern } from '../sigma/pattern.ts'
import { readYaml } from '../sigma/read-yaml.ts'
import { HTTP_FIELDS } from '../views/http-view.ts'
import { SECURITY_FIELDS } from '../views/security-view.ts'
import type { NativeField } from '../views/view.ts'

const Texts = z.union([z.string(), z.array(z.string()).min(1)])
const Schema = z.strictObject({
  name: z.string(),
  events: z.enum(['http', 'security']).describe('The kind of block with the events of these log sources'),
  logsources: z.array(
    z.strictObject({
      category: z.string().optional(),
      product: z.string().optional(),
      service: z.string().optional(),
      where: z.record(z.string(), Texts).optional(),
    }),
  ),
  fields: z.record(z.string(), Texts),
})

/** Maps log sources and field names of Sigma rules to Oddline's events and fields: `config/pipelines/*.yaml`. */
export type Pipeline = z.infer<typeof Schema>

/**
 * Reads every pipeline of a directory.
 * @throws Error that names the file and the key
 */
export function loadPipelines(directory = shippedPipelines(), cache?: DocumentCache): readonly Pipeline[] {
  const files = readdirSync(directory).filter((name) => /\.ya?ml$/.test(name))
  return files.sort().map((name) => {
    const text = readFileSync(join(directory, name), 'utf8')
    const documents = cache?.documents(text) ?? readYaml(text).map((contentOf) => contentOf())
    cache?.keep(text, documents)
    const read = Schema.safeParse(documents[0])
    if (read.success) return read.data
    const [issue] = read.error.issues
    throw new Error(`${join(directory, name)}: ${issue.path.join('.')}: ${issue.message}`)
  })
}

/** `config/pipelines` of the package, found in a parent folder, because source and build have different depths. */
function shippedPipelines(): string {
  let at = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(at, 'config', 'pipelines'))) {
    if (dirname(at) === at) throw new Error('config/pipelines is missing from the installation; install Oddline again')
    at = dirname(at)
  }
  return join(at, 'config', 'pipelines')
}

export function nativeFields(pipeline: Pipeline): readonly NativeField[] {
  return pipeline.events === 'http' ? HTTP_FIELDS : SECURITY_FIELDS
}

/** Resolves a rule's field name to native fields: by the pipeline, else by the native name. Case is ignored. */
export function resolver(pipeline: Pipeline): ResolveField {
  const numbers = new Map(nativeFields(pipeline).map(({ name }, number) => [name, number]))
  const mapped = new Map<string, readonly number[]>()
  for (const [name, number] of numbers) mapped.set(name, [number])
  for (const [name, natives] of Object.entries(pipeline.fields)) {
    const targets = [natives].flat().map((native) => {
      const number = numbers.get(native)
      if (number === undefined) throw new Error(`pipeline "${pipeline.name}": ${name}: there is no field "${native}"`)
      return number
    })
    mapped.set(name.toLowerCase(), targets)
  }
  return (name) => mapped.get(name.toLowerCase()) ?? []
}

/**
 * Whether rules of a log source apply to a pipeline's events: `false`, `true`, or a condition that must also hold. A
 * log source with fewer keys is broader and includes those with more.
 */
export function applies(pipeline: Pipeline, source: LogSource): boolean | Expression {
  const conditions: Expression[] = []
  for (const entry of pipeline.logsources) {
    const keys = ['category', 'product', 'service'] as const
    const given = keys.filter((key) => source[key] !== undefined)
    if (given.length === 0 || !given.every((key) => source[key]?.toLowerCase() === entry[key]?.toLowerCase())) continue
    if (!entry.where) return true
    conditions.push(allOf(Object.entries(entry.where).map(([field, texts]) => equals(field, [texts].flat()))))
  }
  return conditions.length > 0 && anyOf(conditions)
}

function equals(field: string, texts: readonly string[]): Expression {
  return anyOf(
    texts.map((text): Expression => {
      const test = compilePattern(parsePattern(text), false)
      const literal = text.toLowerCase()
      return {
        kind: 'field',
        field,
        test: {
          test: (value) => test(String(value)),
          literals: [[literal]],
          absent: false,
          exact: literal,
          label: text,
        },
      }
    }),
  )
}
