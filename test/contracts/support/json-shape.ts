interface Seen {
  readonly types: Set<string>
  readonly parent: string
  times: number
  objects: number
}

/**
 * The shape of what was printed: a line for each path, with the types that were seen there; `?` marks a key that some
 * objects lack. Below the paths in `maps` the keys are data, such as names of attack types, and shown as `*`. A finding
 * is shown as one, because its shape is pinned by its schema.
 */
export function jsonShape(values: readonly unknown[], maps: RegExp): string {
  const paths = new Map<string, Seen>()
  for (const value of values) look(value, '', '')
  return [...paths]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, seen]) => `  ${path || '.'}${told(seen)}\n`)
    .join('')

  function look(value: unknown, path: string, parent: string): void {
    const seen = paths.get(path) ?? { types: new Set(), parent, times: 0, objects: 0 }
    paths.set(path, seen)
    seen.types.add(typeOf(value))
    seen.times++
    if (Array.isArray(value)) for (const item of value) look(item, `${path}[]`, '')
    else if (typeOf(value) === 'object') {
      seen.objects++
      const name = maps.test(path) ? () => '*' : (key: string) => key
      for (const [key, inner] of Object.entries(value as object)) look(inner, `${path}.${name(key)}`, path)
    }
  }

  function told({ types, times, parent }: Seen): string {
    const optional = times < (paths.get(parent)?.objects ?? 0)
    return `${optional ? '?' : ''}: ${[...types].sort().join(' | ')}`
  }
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object' && 'oddline' in value && '@timestamp' in value) return 'finding'
  return Array.isArray(value) ? 'array' : typeof value
}
