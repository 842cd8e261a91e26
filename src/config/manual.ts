import { stringify } from 'yaml'
import { z } from 'zod'
import { FindingSchema } from '../core/documents/finding.ts'
import { ConfigSchema } from './schema.ts'
import { defaultOf, entriesOf, metaOf } from './walk.ts'

/** `config/default.yaml`: every key with its default, its meaning and the environment variable that sets it. */
export function defaultYaml(): string {
  const lines = ['# Every setting with its default. Generated from the schema; copy what you change to oddline.yaml.']
  write(ConfigSchema, '', lines)
  return `${lines.join('\n')}\n`
}

function write(schema: z.core.$ZodType, indent: string, lines: string[]): void {
  for (const [key, inner] of entriesOf(schema)) {
    const { description, env } = metaOf(inner)
    if (indent === '') lines.push('')
    lines.push(`${indent}# ${description}${env ? ` (${env})` : ''}`)
    if (entriesOf(inner).length > 0) {
      lines.push(`${indent}${key}:`)
      write(inner, `${indent}  `, lines)
    } else {
      const flow = stringify({ [key]: defaultOf(inner) }, { collectionStyle: 'flow', lineWidth: 0 }).trim()
      lines.push(`${indent}${flow.replace(/^\{ (.*) \}$/s, '$1')}`)
    }
  }
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
