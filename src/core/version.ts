import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The package's root, from source and from `dist` alike: the nearest folder above with a package.json. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (;;) {
    try {
      readFileSync(join(folder, 'package.json'))
      return folder
    } catch {
      const above = dirname(folder)
      if (above === folder) throw new Error('package.json of oddline not found')
      folder = above
    }
  }
}

export function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version
}
