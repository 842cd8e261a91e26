import { compileExpression } from '../../../../src/detectors/rules/sigma/evaluate.ts'
import type { FieldValue } from '../../../../src/detectors/rules/sigma/expression.ts'
import { type ParseOptions, parseSigma } from '../../../../src/detectors/rules/sigma/parse.ts'

export type PlainEvent = Readonly<Record<string, FieldValue>>

/** A rule of one detection, as YAML. */
export function ruleOf(detection: string): string {
  const indented = detection.trim().replaceAll('\n', '\n  ')
  return `title: t\nlogsource: {category: test}\ndetection:\n  ${indented}\n`
}

/** A rule of one field. */
export function fieldRule(entry: string): string {
  return ruleOf(`selection:\n  ${entry.replaceAll('\n', '\n  ')}\ncondition: selection`)
}

/** Whether a rule matches an event; a field that is undefined is absent. */
export function matches(yaml: string, event: PlainEvent, options: ParseOptions = {}): boolean {
  const names = Object.keys(event)
  const [rule] = parseSigma(yaml, 'test.yml', options)
  if (rule.kind !== 'rule') throw new Error('is no rule')
  const predicate = compileExpression(rule.expression, (name) => (names.includes(name) ? [names.indexOf(name)] : []))
  const valuesOf = (field: number) => (event[names[field]] === undefined ? [] : [event[names[field]]])
  return predicate({
    move: () => undefined,
    values: valuesOf,
    block: undefined,
    index: 0,
    kept: () => undefined,
    ids: () => undefined,
    texts: () => names.flatMap((_, field) => valuesOf(field).map(String)),
  })
}
