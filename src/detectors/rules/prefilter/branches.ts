import type { ResolveField } from '../sigma/evaluate.ts'
import type { Expression } from '../sigma/expression.ts'
import type { NativeField } from '../views/view.ts'

/** A longer list is one branch: its members are plain texts and not worth separate branches. */
const MAX_BRANCHES = 200

/**
 * Splits an expression into its top-level alternatives. A field that maps to several columns is split by column,
 * because the result for one column can be cached by its value.
 */
export function branchesOf(
  expression: Expression,
  resolve: ResolveField,
  fields: readonly NativeField[],
): readonly Expression[] {
  if (expression.kind === 'field') return byColumn(expression, resolve, fields)
  if (expression.kind === 'or') {
    const branches = expression.of.flatMap((each) => branchesOf(each, resolve, fields))
    return branches.length <= MAX_BRANCHES ? branches : [expression]
  }
  if (expression.kind !== 'and') return [expression]
  for (const [i, each] of expression.of.entries()) {
    if (each.kind !== 'or' && each.kind !== 'field') continue
    const branches = branchesOf(each, resolve, fields)
    if (branches.length > MAX_BRANCHES) return [expression]
    if (branches.length > 1) return branches.map((branch) => ({ kind: 'and', of: expression.of.with(i, branch) }))
  }
  return [expression]
}

function byColumn(
  expression: Expression & { kind: 'field' },
  resolve: ResolveField,
  fields: readonly NativeField[],
): readonly Expression[] {
  const { absent, exact } = expression.test
  if (absent || exact === '' || exact === '-') return [expression]
  const columns = new Map<string, number[]>()
  for (const number of expression.natives ?? resolve(expression.field)) {
    const { column } = fields[number]
    columns.set(column, [...(columns.get(column) ?? []), number])
  }
  return columns.size < 2 ? [expression] : [...columns.values()].map((natives) => ({ ...expression, natives }))
}

/** The single column that an expression reads; undefined if there are several or none. */
export function columnOf(
  expression: Expression,
  resolve: ResolveField,
  fields: readonly NativeField[],
): string | undefined {
  const columns = columnsOf(expression, resolve, fields)
  return columns.size === 1 ? [...columns][0] : undefined
}

function columnsOf(expression: Expression, resolve: ResolveField, fields: readonly NativeField[]): Set<string> {
  const named = (numbers: readonly number[]) => new Set(numbers.map((number) => fields[number].column))
  switch (expression.kind) {
    case 'and':
    case 'or':
      return new Set(expression.of.flatMap((each) => [...columnsOf(each, resolve, fields)]))
    case 'not':
      return columnsOf(expression.of, resolve, fields)
    case 'field':
      return named(expression.natives ?? resolve(expression.field))
    case 'exists':
      return named(resolve(expression.field))
    case 'reference':
      return named([...resolve(expression.field), ...resolve(expression.other)])
    case 'keyword':
      return new Set(fields.map(({ column }) => column))
    default:
      return expression satisfies never
  }
}
