import type { EventView } from '../views/view.ts'
import type { Expression, FieldValue } from './expression.ts'

/** The field and value that made a rule match, for evidence. */
export interface Trace {
  readonly field: string
  readonly value: string
}

export type Predicate = (view: EventView, trail?: Trace[]) => boolean

/** The numbers of the native fields for a rule's field name; empty if the log source has no such field. */
export type ResolveField = (name: string) => readonly number[]

/** Compiles an expression into a function of an event view. */
export function compileExpression(expression: Expression, resolve: ResolveField): Predicate {
  switch (expression.kind) {
    case 'and': {
      const of = expression.of.map((each) => compileExpression(each, resolve))
      return (view, trail) => {
        for (let i = 0; i < of.length; i++) if (!of[i](view, trail)) return false
        return true
      }
    }
    case 'or': {
      const of = expression.of.map((each) => compileExpression(each, resolve))
      return (view, trail) => {
        for (let i = 0; i < of.length; i++) if (of[i](view, trail)) return true
        return false
      }
    }
    case 'not': {
      const of = compileExpression(expression.of, resolve)
      return (view) => !of(view)
    }
    case 'field':
      return fieldPredicate(expression, expression.natives ?? resolve(expression.field))
    case 'exists': {
      const fields = resolve(expression.field)
      return (view) => fields.some((field) => view.values(field).length > 0) === expression.wanted
    }
    case 'reference': {
      const [left, right] = [resolve(expression.field), resolve(expression.other)]
      return (view) =>
        textsOf(view, left).some((a) => textsOf(view, right).some((b) => expression.compare(String(a), String(b))))
    }
    case 'keyword': {
      const { test } = expression.test
      return (view, trail) => {
        const found = view.texts().find((text) => test(text))
        if (found === undefined) return false
        trail?.push({ field: 'keyword', value: found })
        return true
      }
    }
    default:
      return expression satisfies never
  }
}

function textsOf(view: EventView, fields: readonly number[]): FieldValue[] {
  return fields.flatMap((field) => [...view.values(field)])
}

function fieldPredicate(expression: Expression & { kind: 'field' }, fields: readonly number[]): Predicate {
  const { test, absent, exact } = expression.test
  // A log writes an absent value as nothing or as a dash, so a rule that tests for either tests for absence.
  const whenAbsent = absent || exact === '' || exact === '-'
  return (view, trail) => {
    let present = false
    for (const field of fields) {
      for (const value of view.values(field)) {
        if (value === undefined || value === null) continue
        present = true
        if (!test(value)) continue
        trail?.push({ field: expression.field, value: String(value) })
        return true
      }
    }
    return !present && whenAbsent
  }
}
