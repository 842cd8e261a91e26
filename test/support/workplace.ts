import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { oddline } from './cli.ts'
import { tempDir } from './temp.ts'

/** For `oddline.yaml`: the transformer is trained, but no longer than it takes to show what happens with it. */
export const SHORT_TRAINING = 'detection: {training_events: 30000}\n'

/** A directory with `logs/` and these files in it, where the program can be run. */
export function workplace(files: Readonly<Record<string, string | Buffer>> = {}): string {
  const dir = tempDir()
  mkdirSync(join(dir, 'logs'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, 'logs', name), content)
  return dir
}

/** Names in the output directory. */
export function results(dir: string): string[] {
  return existsSync(join(dir, 'batch_outputs')) ? readdirSync(join(dir, 'batch_outputs')).sort() : []
}

/** A single run, and the summary that it printed. */
export async function summaryOf(dir: string, ...args: string[]) {
  const { code, stdout, stderr } = await oddline(dir, 'run', '--once', '--json', ...args)
  if (stdout === '') throw new Error(`No summary was printed (exit ${code}): ${stderr}`)
  return { code, stderr, summary: JSON.parse(stdout) }
}
