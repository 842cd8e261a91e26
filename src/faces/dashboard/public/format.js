export const SEVERITIES = ['critical', 'high', 'medium', 'low']

const NAMES = {
  sqli: 'SQL injection',
  xss: 'Cross-site scripting',
  cmdi: 'Command injection',
  lfi: 'Local file inclusion',
  rfi: 'Remote file inclusion',
  ssrf: 'Server-side request forgery',
  ssti: 'Template injection',
  xxe: 'XML external entity',
  isolation_forest: 'Unusual event',
  transformer: 'Unusual sequence',
  rules: 'Matched a rule',
}

export const DETECTORS = { rules: 'Signature rules', isolation_forest: 'Isolation forest', transformer: 'Transformer' }

export function attackName(type) {
  return Object.hasOwn(NAMES, type) ? NAMES[type] : titled(type)
}

export function titled(text) {
  const words = String(text).replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export function number(n) {
  return Number(n).toLocaleString('en-US')
}

export function plural(n, one, many = `${one}s`) {
  return `${number(n)} ${n === 1 ? one : many}`
}

/** UTC, to the minute. */
export function minute(time) {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}

export function ago(time) {
  if (!time) return 'never'
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000))
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`
  return `${Math.round(seconds / 86_400)} days ago`
}

export function bytes(n) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let value = n
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

export function short(value) {
  if (Number.isInteger(value)) return number(value)
  return Math.abs(value) >= 100 ? number(Math.round(value)) : String(Number(value.toPrecision(3)))
}
