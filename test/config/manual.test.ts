import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { generatedFiles } from '../../src/config/manual.ts'
import { ConfigSchema } from '../../src/config/schema.ts'
import { leavesOf, metaOf } from '../../src/config/walk.ts'

const root = join(import.meta.dirname, '../..')

test.each(Object.entries(generatedFiles()))(
  'config/%s is what the schema says (npm run generate writes it)',
  (name, text) => {
    expect(readFileSync(join(root, 'config', name), 'utf8')).toBe(text)
  },
)

test('config/default.yaml loads to exactly the defaults', () => {
  const values = parse(readFileSync(join(root, 'config/default.yaml'), 'utf8'))
  expect(ConfigSchema.parse(values)).toEqual(ConfigSchema.parse({}))
})

test('every example is a valid value', () => {
  let examples = 0
  for (const { path, schema } of leavesOf(ConfigSchema)) {
    for (const example of metaOf(schema).examples ?? []) {
      const nested = path.reduceRight<unknown>((value, key) => ({ [key]: value }), example)
      expect(ConfigSchema.safeParse(nested).error, path.join('.')).toBeUndefined()
      examples++
    }
  }
  expect(examples).toBeGreaterThan(5)
})

test('every key has a description', () => {
  for (const { path, schema } of leavesOf(ConfigSchema)) expect(metaOf(schema).description, path.join('.')).toBeTruthy()
})
