import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folder of public data sets: `ODDLINE_DATA`, or `../shared/data` beside the project. */
export function dataDirectory(): string {
  return process.env.ODDLINE_DATA ?? resolve('..', 'shared', 'data')
}

/** The path of a data file, or the end of the benchmark with a sentence that says what is missing. */
export function dataFile(...path: string[]): string {
  const file = join(dataDirectory(), ...path)
  if (existsSync(file)) return file
  console.error(`Needs ${path.join('/')}, which is not in ${dataDirectory()}. Set ODDLINE_DATA to where the data is.`)
  process.exit(0)
}
