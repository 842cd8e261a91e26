const PLACEHOLDER = /\{\{\s*([@\w.]{1,100})\s*\}\}/g
const WHOLE = /^\{\{\s*([@\w.]{1,100})\s*\}\}$/

/**
 * Fills a template that is data, not text: placeholders stand within its strings, so that nothing that a log line holds
 * can end a string or add a key. A string that is one placeholder becomes the value itself, whatever its type.
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
