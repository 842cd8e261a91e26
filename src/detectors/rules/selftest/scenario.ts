import { z } from 'zod'
import type { RequestFields, SecurityFields } from './events.ts'

/**
 * The notation of rule tests. A string is a request: a target, or a method and a target. A map is an event by its
 * fields; a list as a value makes one event per element; `repeat` makes that many equal events, `every` seconds apart;
 * `after` is a pause in seconds before the step; `at` sets its time. A list of maps is one scenario in the order of
 * time.
 */
const Value = z.union([z.string(), z.number()])
const Step = z.record(z.string(), z.union([Value, z.array(Value).min(1)]))

/** Start of scenarios: 2024-01-02 12:00 UTC, noon of a working day. */
const START = Date.UTC(2024, 0, 2, 12)
const MAX_EVENTS = 10_000
const REQUEST = /^(?:([A-Z]{3,16}) )?(\S.*)$/s

/** The events of a test; undefined if it is malformed. */
export function readScenario(test: unknown): readonly (RequestFields | SecurityFields)[] | undefined {
  if (typeof test === 'string') {
    const request = REQUEST.exec(test)
    return request ? [{ method: request[1] ?? 'GET', target: request[2], time: START }] : undefined
  }
  const steps = z.array(Step).safeParse(Array.isArray(test) ? test : [test])
  if (!steps.success) return undefined
  const events: Record<string, string | number>[] = []
  let time = START
  for (const { repeat = 1, every = 1, after = 0, at, ...fields } of steps.data) {
    time += Number(after) * 1000
    if (typeof at === 'string') time = Date.parse(at)
    const lists = Object.values(fields).filter((value) => Array.isArray(value))
    const longest = lists.length > 0 ? Math.max(...lists.map((list) => list.length)) : 1
    const count = longest * Number(repeat)
    if (!(events.length + count <= MAX_EVENTS) || Number.isNaN(time)) return undefined
    for (let i = 0; i < count; i++) {
      const event = Object.entries(fields).map(([key, value]) => [
        key,
        Array.isArray(value) ? value[i % value.length] : value,
      ])
      events.push({ ...Object.fromEntries(event), time })
      time += Number(every) * 1000
    }
  }
  return events as unknown as readonly (RequestFields | SecurityFields)[]
}
