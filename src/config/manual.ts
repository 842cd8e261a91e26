import { stringify } from 'yaml'
import { z } from 'zod'
import { FindingSchema } from '../core/documents/finding.ts'
import { HostKeys } from '../delivery/routing/config.ts'
import { ConfigSchema } from './schema.ts'
import { defaultOf, entriesOf, metaOf } from './walk.ts'

const WIDTH = 100

/** `config/default.yaml`: every key with its meaning, an example, its environment variable and its default. */
export function defaultYaml(): string {
  const header =
    'Every setting with its default, generated from the schema. Copy what you want to change to oddline.yaml.'
  const lines = comment(header, '')
  write(ConfigSchema, '', lines)
  lines.push('', ...comment('Settings that every sink under `sinks` has, with their defaults:', ''))
  const sink: string[] = []
  write(HostKeys, '  ', sink)
  lines.push(...sink.map((line) => `# ${line}`))
  return `${lines.join('\n')}\n`
}

function write(schema: z.core.$ZodType, indent: string, lines: string[]): void {
  for (const [key, inner] of entriesOf(schema)) {
    const { description = '', env, examples = [] } = metaOf(inner)
    if (indent === '') lines.push('')
    lines.push(...comment(description, indent))
    for (const example of examples) lines.push(`${indent}# Example: ${assignment(key, example)}`)
    if (env) lines.push(`${indent}# Environment variable: ${env}`)
    if (entriesOf(inner).length > 0) {
      lines.push(`${indent}${key}:`)
      write(inner, `${indent}  `, lines)
    } else {
      const value = defaultOf(inner)
      lines.push(`${indent}${value === undefined ? `${key}:` : assignment(key, value)}`)
    }
  }
}

/** `key: value` on one line. */
function assignment(key: string, value: unknown): string {
  const flow = stringify({ [key]: value }, { collectionStyle: 'flow', lineWidth: 0 }).trim()
  return flow.replace(/^\{ (.*) \}$/s, '$1')
}

/** A text as comment lines of at most `WIDTH` characters. */
function comment(text: string, indent: string): string[] {
  const prefix = `${indent}# `
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && prefix.length + line.length + 1 + word.length > WIDTH) {
      lines.push(prefix + line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, prefix + line]
}

/** The generated files of `config/`, by name. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const json = (schema: z.ZodType, title: string) =>
    `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`
  return {
    'default.yaml': defaultYaml(),
    'schema.json': json(ConfigSchema, 'Oddline configuration'),
    'finding.schema.json': json(FindingSchema, 'Oddline finding'),
  }
}
