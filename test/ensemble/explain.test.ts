import { expect, test } from 'vitest'
import type { Evidence } from '../../src/core/documents/finding.ts'
import { explain } from '../../src/ensemble/explain.ts'
import { httpBlock } from '../support/blocks/http-block.ts'

const block = httpBlock([{ client: '192.0.2.1', target: '/a\u202eb', status: 404 }])
const say = (detector: Evidence['detector'], score: number) =>
  ({ detector, score, summary: `${detector} speaks` }) as Evidence

test('rules come first, then models by strength; a model that finds nothing odd has no say', () => {
  const evidence = [say('rules', 0.25), say('isolation_forest', 0.1), say('transformer', 0.6)]
  expect(explain(block, 0, evidence, 'medium')).toMatch(/\. rules speaks\. transformer speaks\.$/)
})

test('there is a reason even where nothing is odd', () => {
  expect(explain(block, 0, [say('isolation_forest', 0.1)], 'low')).toContain('isolation_forest speaks.')
})

test('what an attacker wrote is shown with its control characters escaped', () => {
  expect(explain(block, 0, [say('rules', 0.25)], 'low')).toContain('GET /a\\u202eb (status 404)')
})
