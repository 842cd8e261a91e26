import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { packageRoot, version } from '../../../core/version.ts'

/** Where rules come from: the shipped ones, where wanted, then the operator's own. */
export function ruleDirectories({ shipped, dirs }: { shipped: boolean; dirs: readonly string[] }): string[] {
  return [...(shipped ? [join(packageRoot(), 'config/rules')] : []), ...dirs]
}

/** YAML files below a directory, or the file itself, sorted so that every run has one order. */
export function ruleFiles(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) throw new Error(`${path}: there is no such file or directory of rules`)
  if (stat.isFile()) return [path]
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : ruleFiles(join(path, entry.name))
    return /\.ya?ml$/.test(entry.name) ? [join(path, entry.name)] : []
  })
}

/**
 * A digest of rules as they are read by this version: what their files hold, the field mappings, and `settings`, which
 * may be wrong too. Throws where a directory cannot be read.
 */
export function digestOfRules(directories: readonly string[], settings: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify([version(), settings]))
  for (const directory of [join(packageRoot(), 'config/pipelines'), ...directories]) {
    for (const path of ruleFiles(directory)) {
      const text = readFileSync(path)
      digest.update(JSON.stringify([relative(directory, path), text.length])).update(text)
    }
  }
  return digest.digest('hex')
}
