interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly env?: string
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly $ref?: string
}

/** A JSON Schema as a line for each key: its path, its type, and whether it must be there. */
export function schemaLines(schema: JsonSchema): string {
  return [...new Set(linesOf(schema, '', ''))].map((line) => `${line}\n`).join('')
}

function linesOf(schema: JsonSchema, path: string, note: string): string[] {
  const branches = schema.anyOf ?? schema.oneOf ?? []
  const { properties, required = [], additionalProperties, items } = schema
  const keys = Object.entries(properties ?? {}).flatMap(([key, inner]) =>
    linesOf(inner, path === '' ? key : `${path}.${key}`, required.includes(key) ? ' required' : ''),
  )
  return [
    ...(path === '' || branches.length > 0 ? [] : [`${path}: ${typeOf(schema)}${note}`]),
    ...branches.flatMap((branch) => linesOf({ default: schema.default, env: schema.env, ...branch }, path, note)),
    ...keys,
    ...(typeof additionalProperties === 'object' ? linesOf(additionalProperties, `${path}.*`, '') : []),
    ...(items ? linesOf(items, `${path}[]`, '') : []),
  ]
}

function typeOf(schema: JsonSchema): string {
  const { type = schema.$ref ?? 'any', env } = schema
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const])
  const kind = values ? values.map((value) => JSON.stringify(value)).join(' | ') : String(type)
  const initial = schema.default === undefined ? '' : ` = ${JSON.stringify(schema.default)}`
  return `${kind}${initial}${env ? ` (${env})` : ''}`
}
