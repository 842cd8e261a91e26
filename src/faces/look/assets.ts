import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** A file for browsers, as it is written; the build copies them, so that they lie the same way from `src` and `dist`. */
export function asset(folder: 'look' | 'report' | 'dashboard', file: string): string {
  return readFileSync(new URL(`../${folder}/public/${file}`, import.meta.url), 'utf8')
}

/** uPlot as a classic script, and its style sheet. */
export function uplotAsset(file: 'uPlot.iife.min.js' | 'uPlot.min.css'): string {
  const main = createRequire(import.meta.url).resolve('uplot')
  return readFileSync(join(dirname(main), file), 'utf8')
}
