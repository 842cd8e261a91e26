import type { ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'

/** Waits for a program of others to answer. It tells nobody when it begins to listen, so there is only asking again. */
export async function answering(
  child: ChildProcess,
  url: string,
  { seconds = 30, accepts = ({ ok }: Response) => ok } = {},
): Promise<void> {
  const end = performance.now() + seconds * 1000
  while (!(await fetch(url).then(accepts, () => false))) {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode} and never answered at ${url}.`)
    if (performance.now() > end) throw new Error(`It did not answer at ${url} within ${seconds} s.`)
    await pause(100)
  }
}
