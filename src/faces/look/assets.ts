import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Files for browsers are shipped as they are written, so they lie in `src` also where the program runs from `dist`. */
const FOLDERS = {
  look: 'src/faces/look/public',
  report: 'src/faces/report/public',
  dashboard: 'src/faces/dashboard/public',
} as const

/** The folder that holds `package.json`, found upwards from this file. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('The package that this file belongs to has lost its package.json')
    folder = parent
  }
  return folder
}

export function assetFolder(name: keyof typeof FOLDERS): string {
  return join(packageRoot(), FOLDERS[name])
}

export function asset(folder: keyof typeof FOLDERS, file: string): string {
  return readFileSync(join(assetFolder(folder), file), 'utf8')
}

/** uPlot as a classic script, and its style sheet. */
export function uplotAsset(file: 'uPlot.iife.min.js' | 'uPlot.min.css'): string {
  const main = createRequire(import.meta.url).resolve('uplot')
  return readFileSync(join(dirname(main), file), 'utf8')
}
