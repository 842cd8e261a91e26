const PLACEHOLDER = /\{\{\s*([@\w.]{1,100})\s*\}\}/g
const WHOLE = /^\{\{\s*([@\w.]{1,100})\s*\}\}$/

/**
 * Fills the placeholders in the strings of a JSON template. The template is parsed before it is filled, so a log line
 * cannot end a string or add a key. A string that consists of one placeholder becomes the value itself, with its type.
 */
export function fill(template: unknown, values: object): unknown {
  if (typeof template === 'string') {
    const whole = WHOLE.exec(template)
    if (whole) return valueAt(values, whole[1]) ?? null
    return template.replace(PLACEHOLDER, (_, path: string) => textOf(valueAt(values, path)))
  }
  if (Array.isArray(template)) return template.map((part) => fill(part, values))
  if (template === null || typeof template !== 'object') return template
  return Object.fromEntries(Object.entries(template).map(([key, part]) => [key, fill(part, values)]))
}

function valueAt(values: object, path: string): unknown {
  let value: unknown = values
  for (const key of path.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
