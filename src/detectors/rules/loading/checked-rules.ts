import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { digestOfRules, ruleDirectories } from './rule-files.ts'

type Settings = Parameters<typeof ruleDirectories>[0]

const FILE = 'rules.checked'

/** The mark of the build, which has checked the shipped rules; not there where there was no build. */
export function shippedMark(): string {
  return fileURLToPath(new URL(`../../../${FILE}`, import.meta.url))
}

/** What is to be remembered of the rules once they were found good; undefined where they cannot be read. */
export function markOf(rules: Settings): string | undefined {
  try {
    return digestOfRules(ruleDirectories(rules), rules)
  } catch {
    return undefined
  }
}

/** Whether just these rules were found good, by the build or on this state directory. */
export function wereChecked(mark: string | undefined, stateDir: string): boolean {
  return mark !== undefined && [shippedMark(), join(stateDir, FILE)].some((path) => read(path) === mark)
}

/** Whole or not at all; where it cannot be written the rules are checked again. */
export function rememberChecked(mark: string, stateDir: string): void {
  const path = join(stateDir, FILE)
  try {
    writeFileSync(`${path}.tmp`, mark)
    renameSync(`${path}.tmp`, path)
  } catch {}
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
