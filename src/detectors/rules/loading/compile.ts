import { compileExpression, type Predicate, type ResolveField } from '../sigma/evaluate.ts'
import { allOf, type Expression } from '../sigma/expression.ts'
import type { Filter, Rule } from '../sigma/model.ts'
import type { NativeField } from '../views/view.ts'
import type { RuleOverrides, RuleSet } from './load.ts'
import { applies, nativeFields, type Pipeline, resolver } from './pipeline.ts'

/** A rule compiled for the events of one pipeline. */
export interface CompiledRule {
  readonly rule: Rule
  readonly matches: Predicate
  /** The same test as a tree: the rule's detection, its filters and the condition of the log source. */
  readonly expression: Expression
}

/** All rules for one kind of block. */
export interface CompiledSource {
  readonly pipeline: Pipeline
  readonly fields: readonly NativeField[]
  readonly resolve: ResolveField
  readonly rules: readonly CompiledRule[]
}

export function compileSource(
  set: RuleSet,
  kind: Pipeline['events'],
  overrides: RuleOverrides,
): CompiledSource | undefined {
  const pipeline = set.pipelines.find(({ events }) => events === kind)
  if (!pipeline) return undefined
  const fields = nativeFields(pipeline)
  const resolve = resolver(pipeline)
  const rules: CompiledRule[] = []
  for (const rule of set.rules) {
    const condition = applies(pipeline, rule.logSource)
    if (condition === false || overrides[rule.id]?.enabled === false) continue
    const parts: Expression[] = [rule.expression, ...filtersOf(set.filters, rule)]
    if (condition !== true) parts.push(condition)
    const expression = allOf(parts)
    rules.push({ rule, matches: compileExpression(expression, resolve), expression })
  }
  return { pipeline, fields, resolve, rules }
}

function filtersOf(filters: readonly Filter[], rule: Rule): Expression[] {
  return filters.filter((filter) => appliesTo(filter, rule)).map((filter) => filter.expression)
}

function appliesTo(filter: Filter, rule: Rule): boolean {
  const named = filter.rules.length === 0 || filter.rules.includes(rule.id) || filter.rules.includes(rule.name ?? '')
  const keys = ['category', 'product', 'service'] as const
  return (
    named && keys.every((key) => filter.logSource[key] === undefined || filter.logSource[key] === rule.logSource[key])
  )
}
