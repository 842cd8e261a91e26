import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { readRegularFile } from '../../../core/files/regular-file.ts'
import { packageRoot, version } from '../../../core/version.ts'

/** Directories of rules: the shipped ones, if wanted, then the operator's. */
export function ruleDirectories({ shipped, dirs }: { shipped: boolean; dirs: readonly string[] }): string[] {
  return [...(shipped ? [join(packageRoot(), 'config/rules')] : []), ...dirs]
}

/** The YAML files below a directory, or the file itself, in sorted order. */
export function ruleFiles(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) throw new Error(`${path}: this file or directory of rules does not exist`)
  if (stat.isFile()) return [path]
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : ruleFiles(join(path, entry.name))
    return /\.ya?ml$/.test(entry.name) ? [join(path, entry.name)] : []
  })
}

/**
 * A digest of the rules as this version reads them: file contents, field mappings and `settings`.
 * @throws Error if a directory cannot be read
 */
export function digestOfRules(directories: readonly string[], settings: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify([version(), settings]))
  for (const directory of [join(packageRoot(), 'config/pipelines'), ...directories]) {
    for (const path of ruleFiles(directory)) {
      const text = readRegularFile(path)
      digest.update(JSON.stringify([relative(directory, path), text.length])).update(text)
    }
  }
  return digest.digest('hex')
}
