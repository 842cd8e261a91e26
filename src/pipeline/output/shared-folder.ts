import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readShared, type SharedSummary } from './summary.ts'

export interface Sharing {
  readonly period: 'hour' | 'day'
  /** A folder of more bytes takes no further batch; the next one begins another. */
  readonly largest: number
  /** Most rejects listed of each file and reason. */
  readonly rejectsListed: number
}

/** How much of a time such as 20260510T101530Z two batches of one folder have in common. */
const COMMON = { hour: 11, day: 8 }

export interface SharedFolder {
  readonly path: string
  readonly summary: SharedSummary
}

/** The folder of the hour or the day of `stamp`; undefined if there is none, or it is full. */
export function sharedFolder(outputDir: string, stamp: string, { period, largest }: Sharing): SharedFolder | undefined {
  const begin = stamp.slice(0, COMMON[period])
  const name = readdirSync(outputDir)
    .filter((name) => name.startsWith(begin) && name.endsWith(`Z-${period}`))
    .sort()
    .at(-1)
  if (name === undefined) return undefined
  const path = join(outputDir, name)
  const size = readdirSync(path).reduce((sum, file) => sum + statSync(join(path, file)).size, 0)
  const summary = size > largest ? undefined : readShared(path)
  return summary && { path, summary }
}

/** A shared folder that holds the batch alone: its process died between making it and recording that. */
export function aloneIn(outputDir: string, stamp: string, batch: string): string | undefined {
  return [join(outputDir, `${stamp}-hour`), join(outputDir, `${stamp}-day`)].find((path) => {
    const { batches = [] } = (existsSync(path) && readShared(path)) || {}
    return batches.length === 1 && batches[0] === batch
  })
}
