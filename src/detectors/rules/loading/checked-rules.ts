import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readRegularFile } from '../../../core/files/regular-file.ts'
import { digestOfRules, ruleDirectories } from './rule-files.ts'

type Settings = Parameters<typeof ruleDirectories>[0]

const FILE = 'rules.checked'

/** Path of the mark left by the build, which checked the shipped rules. It does not exist without a build. */
export function shippedMark(): string {
  return fileURLToPath(new URL(`../../../${FILE}`, import.meta.url))
}

/** The mark to store once the rules are found valid; undefined if they cannot be read. */
export function markOf(rules: Settings): string | undefined {
  try {
    return digestOfRules(ruleDirectories(rules), rules)
  } catch {
    return undefined
  }
}

/** True if exactly these rules were found valid, by the build or in this state directory. */
export function wereChecked(mark: string | undefined, stateDir: string): boolean {
  return mark !== undefined && [shippedMark(), join(stateDir, FILE)].some((path) => read(path) === mark)
}

/** Stores the mark atomically. If that fails, the rules are checked again at the next start. */
export function rememberChecked(mark: string, stateDir: string): void {
  const path = join(stateDir, FILE)
  try {
    writeFileSync(`${path}.tmp`, mark)
    renameSync(`${path}.tmp`, path)
  } catch {}
}

function read(path: string): string | undefined {
  try {
    return readRegularFile(path).toString()
  } catch {
    return undefined
  }
}
