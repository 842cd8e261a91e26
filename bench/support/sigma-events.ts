import { parseAllDocuments } from 'yaml'
import type { Random } from '../../src/core/random.ts'

export type GeneratedEvent = Readonly<Record<string, string | null>>

export interface GeneratedCase {
  readonly fields: readonly string[]
  readonly events: readonly GeneratedEvent[]
  /** Values for the rule's placeholders. */
  readonly placeholders: Readonly<Record<string, readonly string[]>>
  /** Absent values that were made empty ones, because the specification does not say whether they are the same. */
  readonly absentLeftOut: number
}

/** The column of the whole message, in which keywords are searched. */
export const WHOLE_MESSAGE = 'oddline_message'
const EVENTS = 40
const PAD = ['', 'x', 'C:\\Temp\\', ' /a ', '0']

interface Wish {
  readonly field: string
  readonly modifiers: readonly string[]
  readonly values: readonly string[]
}

/** Events made of a rule's own values, whole, in part and absent, so that each of its branches is met now and then. */
export function eventsFor(yaml: string, random: Random): GeneratedCase | undefined {
  const wishes = parseAllDocuments(yaml).flatMap((document) => {
    const { detection = {} } = document.toJS() as { detection?: Record<string, unknown> }
    const searches = Object.entries(detection).filter(([name]) => name !== 'condition' && name !== 'timeframe')
    return searches.flatMap(([, search]) => wishesOf(search))
  })
  const fields = [...new Set(wishes.map(({ field }) => field))]
  if (fields.length === 0) return undefined
  let absentLeftOut = 0
  const drawn = (field: string) => {
    const own = wishes.filter((wish) => wish.field === field)
    const value = valueFor(own, random)
    if (value !== null || !own.some(({ values }) => values.some((each) => each === '' || each === '-'))) return value
    absentLeftOut++
    return ''
  }
  const event = () => Object.fromEntries(fields.map((field) => [field, drawn(field)]))
  const expanded = wishes.filter(({ modifiers }) => modifiers.includes('expand')).flatMap(({ values }) => values)
  const names = expanded.flatMap((value) => [...value.matchAll(/%([^%\s]+)%/g)].map(([, name]) => name))
  const placeholders = Object.fromEntries(names.map((name) => [name, [`${name}-one`, `${name} two`]]))
  return { fields, events: Array.from({ length: EVENTS }, event), placeholders, absentLeftOut }
}

function wishesOf(search: unknown): Wish[] {
  if (Array.isArray(search)) return search.flatMap(wishesOf)
  if (search === null || typeof search !== 'object') return [wish(WHOLE_MESSAGE, ['contains'], search)]
  return Object.entries(search).flatMap(([key, value]) => {
    const [field, ...modifiers] = key.split('|')
    if (field === '') return [wish(WHOLE_MESSAGE, ['contains', ...modifiers], value)]
    // Both sides of a comparison of fields get texts from one small stock, so that they are the same now and then.
    if (modifiers.includes('fieldref')) return [field, String(value)].map((name) => wish(name, [], ['one', 'One\\two']))
    return [wish(field, modifiers, value)]
  })
}

function wish(field: string, modifiers: readonly string[], value: unknown): Wish {
  return { field, modifiers, values: [value].flat().map(String) }
}

function valueFor(wishes: readonly Wish[], random: Random): string | null {
  const pick = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)]
  if (random() < 0.08) return null
  const cidr = wishes.find(({ modifiers }) => modifiers.includes('cidr'))
  // The specification lets this modifier be applied to addresses only.
  if (cidr) return random() < 0.2 ? pick(['203.0.113.9', '2001:db8::9']) : pick(cidr.values).replace(/\/\d+$/, '')
  if (random() < 0.12) return pick(['', 'other', 'C:\\Windows\\System32\\notepad.exe'])
  let text = ''
  for (const { modifiers, values } of wishes) {
    if (random() < 0.25) continue
    const chosen = modifiers.includes('all') && random() < 0.8 ? values : [pick(values)]
    const plain = chosen.map((value) =>
      value
        .replace(/%([^%\s]+)%/g, (whole, name) =>
          modifiers.includes('expand') ? pick([`${name}-one`, `${name} two`]) : whole,
        )
        .replace(/\\([\\*?])/g, '$1')
        .replace(/[*?]/g, () => pick(['', 'q', 'zz'])),
    )
    const joined = plain.join(pick(['', ' ']))
    if (modifiers.includes('startswith')) text = joined + pick(PAD) + text
    else if (modifiers.includes('endswith')) text = text + pick(PAD) + joined
    else if (modifiers.includes('contains')) text = pick(PAD) + joined + text
    else text = text === '' ? joined : text
  }
  return random() < 0.3 ? (random() < 0.5 ? text.toUpperCase() : text.toLowerCase()) : text
}
