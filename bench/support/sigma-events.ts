import { parseAllDocuments } from 'yaml'
import type { Random } from '../../src/core/random.ts'

export type GeneratedEvent = Readonly<Record<string, string | null>>

const EVENTS = 40
const PAD = ['', 'x', 'C:\\Temp\\', ' /a ', '0']

interface Wish {
  readonly field: string
  readonly modifiers: readonly string[]
  readonly values: readonly string[]
}

/** Events made of a rule's own values, whole, in part and absent, so that each of its branches is met now and then. */
export function eventsFor(yaml: string, random: Random): { fields: string[]; events: GeneratedEvent[] } | undefined {
  const wishes: Wish[] = []
  for (const document of parseAllDocuments(yaml))
    collect((document.toJS() as { detection?: unknown })?.detection, wishes)
  const fields = [...new Set(wishes.map(({ field }) => field))]
  if (fields.length === 0 || wishes.some(({ field }) => field === '')) return undefined
  const events = Array.from({ length: EVENTS }, () =>
    Object.fromEntries(
      fields.map((field) => [
        field,
        valueFor(
          wishes.filter((wish) => wish.field === field),
          random,
        ),
      ]),
    ),
  )
  return { fields, events }
}

function collect(node: unknown, wishes: Wish[]): void {
  if (Array.isArray(node)) for (const each of node) collect(each, wishes)
  else if (node !== null && typeof node === 'object') {
    for (const [key, value] of Object.entries(node)) {
      const leaf = Array.isArray(value)
        ? value.every((each) => typeof each !== 'object' || each === null)
        : typeof value !== 'object'
      if (key === 'condition' || key === 'timeframe') continue
      const [field, ...modifiers] = key.split('|')
      if (leaf && node !== undefined && /^[A-Z]/.test(field)) {
        wishes.push({ field, modifiers, values: [value].flat().map(String) })
      } else collect(value, wishes)
    }
  }
}

function valueFor(wishes: readonly Wish[], random: Random): string | null {
  const pick = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)]
  if (random() < 0.08) return null
  if (random() < 0.12) return pick(['', 'other', 'C:\\Windows\\System32\\notepad.exe'])
  let text = ''
  for (const { modifiers, values } of wishes) {
    if (random() < 0.25) continue
    const chosen = modifiers.includes('all') && random() < 0.8 ? values : [pick(values)]
    const plain = chosen.map((value) =>
      value.replace(/\\([\\*?])/g, '$1').replace(/[*?]/g, () => pick(['', 'q', 'zz'])),
    )
    const joined = plain.join(pick(['', ' ']))
    if (modifiers.includes('startswith')) text = joined + pick(PAD) + text
    else if (modifiers.includes('endswith')) text = text + pick(PAD) + joined
    else if (modifiers.includes('contains')) text = pick(PAD) + joined + text
    else text = text === '' ? joined : text
  }
  return random() < 0.3 ? (random() < 0.5 ? text.toUpperCase() : text.toLowerCase()) : text
}
