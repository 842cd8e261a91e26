import { base64, base64Offsets, utf16Bytes, windash } from './encode.ts'
import { ANY, type Part, type Pattern, parsePattern } from './pattern.ts'
import { expand, type Placeholders } from './placeholders.ts'

/**
 * A parsed field with its modifiers (`cs-uri-query|contains|all`). Modifiers that transform values keep their order.
 */
export interface FieldPlan {
  readonly field: string
  readonly transforms: readonly Transform[]
  readonly place: 'whole' | 'contains' | 'startswith' | 'endswith'
  readonly all: boolean
  readonly cased: boolean
  readonly negated: boolean
  readonly regex: string | undefined
  readonly special: 'cidr' | 'exists' | 'fieldref' | undefined
  readonly compare: Compare | undefined
  readonly timePart: TimePart | undefined
}

export type Compare = 'gt' | 'gte' | 'lt' | 'lte'
export type TimePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'
type Transform = 'base64' | 'base64offset' | 'utf16' | 'utf16le' | 'utf16be' | 'windash' | 'expand'

const TRANSFORMS: Readonly<Record<string, Transform>> = {
  base64: 'base64',
  base64offset: 'base64offset',
  wide: 'utf16le',
  utf16: 'utf16',
  utf16le: 'utf16le',
  utf16be: 'utf16be',
  windash: 'windash',
  expand: 'expand',
}
const REGEX_FLAGS: Readonly<Record<string, string>> = {
  i: 'i',
  m: 'm',
  s: 's',
  ignorecase: 'i',
  multiline: 'm',
  dotall: 's',
}
const TIME_PARTS = ['minute', 'hour', 'day', 'week', 'month', 'year']

export function readField(key: string): FieldPlan {
  const [field, ...names] = key.split('|')
  const transforms: Transform[] = []
  let place: FieldPlan['place'] = 'whole'
  let special: FieldPlan['special']
  let compare: Compare | undefined
  let timePart: TimePart | undefined
  let regex: string | undefined
  let all = false
  let cased = false
  let negated = false
  for (const name of names) {
    if (Object.hasOwn(TRANSFORMS, name)) transforms.push(TRANSFORMS[name])
    else if (name === 'contains' || name === 'startswith' || name === 'endswith') place = name
    else if (name === 'all') all = true
    else if (name === 'cased') cased = true
    else if (name === 'neq') negated = true
    else if (name === 're') regex = ''
    else if (Object.hasOwn(REGEX_FLAGS, name) && regex !== undefined) regex += REGEX_FLAGS[name]
    else if (name === 'cidr' || name === 'exists' || name === 'fieldref') special = name
    else if (name === 'gt' || name === 'gte' || name === 'lt' || name === 'lte') compare = name
    else if (TIME_PARTS.includes(name)) timePart = name as TimePart
    else throw new Error(`"${name}" in "${key}" is not a supported Sigma modifier`)
  }
  const kinds = [regex, special, compare].filter((kind) => kind !== undefined).length
  if (kinds > 1) throw new Error(`the modifiers of "${key}" cannot be combined`)
  if (special === 'cidr' && place !== 'whole')
    throw new Error(`"cidr" in "${key}" cannot be combined with contains, startswith or endswith`)
  return { field, transforms, place, all, cased, negated, regex, special, compare, timePart }
}

/** Converts a value to patterns, one per alternative, after applying transforms and placement. */
export function toPatterns(plan: FieldPlan, value: string, placeholders: Placeholders): readonly Pattern[] {
  let texts: readonly string[] = [value]
  let encoded = false
  for (const transform of plan.transforms) {
    if (transform === 'expand') texts = texts.flatMap((text) => expand(text, placeholders))
    else if (transform === 'windash') texts = texts.flatMap((text) => windash(text))
    else {
      const narrow = encoded
      texts = texts.flatMap((text) => encodeText(transform, narrow ? text : plain(text), narrow))
      encoded = true
    }
  }
  return texts.map((text) => placed(encoded ? (text === '' ? [] : [text]) : parsePattern(text), plan.place))
}

function plain(text: string): string {
  const pattern = parsePattern(text)
  if (pattern.length > 1 || typeof pattern[0] === 'symbol')
    throw new Error(`"${text}" has a wildcard, so it cannot be encoded`)
  return (pattern[0] as string | undefined) ?? ''
}

function encodeText(transform: Transform, text: string, narrow: boolean): readonly string[] {
  if (transform === 'utf16' || transform === 'utf16le' || transform === 'utf16be') return [utf16Bytes(text, transform)]
  const bytes = Buffer.from(text, narrow ? 'latin1' : 'utf8')
  return transform === 'base64' ? [base64(bytes)] : base64Offsets(bytes)
}

function placed(pattern: Pattern, place: FieldPlan['place']): Pattern {
  const before = (place === 'contains' || place === 'endswith') && pattern[0] !== ANY
  const after = place === 'contains' || place === 'startswith'
  const parts: Part[] = [...pattern]
  if (before) parts.unshift(ANY)
  if (after && parts[parts.length - 1] !== ANY) parts.push(ANY)
  return parts
}
