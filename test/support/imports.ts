import { dirname, join } from 'node:path/posix'

export interface Import {
  /** Path of the imported file, or name of the package. */
  readonly target: string
  readonly typeOnly: boolean
}

const STATIC = /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

/** What a file imports, static and dynamic, types included. */
export function importsOf(path: string, text: string): Import[] {
  const found = [
    ...[...text.matchAll(STATIC)].map(([, type, name]) => ({ name, typeOnly: type !== undefined })),
    ...[...text.matchAll(DYNAMIC)].map(([, name]) => ({ name, typeOnly: false })),
  ]
  return found.map(({ name, typeOnly }) => ({
    target: name.startsWith('.') ? join(dirname(path), name) : name,
    typeOnly,
  }))
}

/** Groups of files that import each other, also only types, each in a path of imports that comes back to its start. */
export function importCycles(files: ReadonlyMap<string, string>): string[][] {
  const cycles: string[][] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) cycles.push([...trail.slice(start), path])
    if (start >= 0 || done.has(path)) return
    for (const { target } of importsOf(path, files.get(path) ?? '')) {
      if (files.has(target)) visit(target, [...trail, path])
    }
    done.add(path)
  }
  for (const path of files.keys()) visit(path, [])
  return cycles
}
