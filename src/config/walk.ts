import { z } from 'zod'

/** The schema behind `.default()`, `.prefault()` and `.optional()`. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
    inner = inner.def.innerType
  }
  return inner
}

export interface SettingMeta {
  readonly description?: string
  /** Environment variable that sets the value. */
  readonly env?: string
  readonly examples?: readonly unknown[]
}

/** The metadata of a schema, or of the schema that it wraps. */
export function metaOf(schema: z.core.$ZodType): SettingMeta {
  for (let inner: z.core.$ZodType | undefined = schema; inner; ) {
    const meta = z.globalRegistry.get(inner) as SettingMeta | undefined
    if (meta?.description) return meta
    inner = 'innerType' in inner._zod.def ? (inner._zod.def.innerType as z.core.$ZodType) : undefined
  }
  return {}
}

/** The keys of an object schema with their schemas; empty for any other schema. */
export function entriesOf(schema: z.core.$ZodType): readonly (readonly [string, z.core.$ZodType])[] {
  const inner = unwrap(schema)
  return inner instanceof z.ZodObject ? Object.entries(inner.shape as Record<string, z.core.$ZodType>) : []
}

/** The schema at a path of keys; undefined if the path does not exist. */
export function schemaAt(root: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = root
  for (const key of path) {
    const inner: z.core.$ZodType = unwrap(schema)
    if (inner instanceof z.ZodArray) schema = inner.element as z.core.$ZodType
    else schema = entriesOf(inner).find(([name]) => name === key)?.[1]
    if (!schema) return undefined
  }
  return schema
}

/** Every setting of an object schema, with its path. */
export function* leavesOf(
  schema: z.core.$ZodType,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; schema: z.core.$ZodType }> {
  const entries = entriesOf(schema)
  if (entries.length === 0) yield { path, schema }
  for (const [key, inner] of entries) yield* leavesOf(inner, [...path, key])
}

/** The default in the form that an operator writes: the argument of `.default()` or `.prefault()`. */
export function defaultOf(schema: z.core.$ZodType): unknown {
  const { def } = schema._zod
  return 'defaultValue' in def ? def.defaultValue : undefined
}
