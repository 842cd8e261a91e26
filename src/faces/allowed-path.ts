import { realpathSync, statSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { Config } from '../config/schema.ts'

export type AllowedPath = { readonly path: string } | { readonly refused: string }

/**
 * Checks a path that a client asks to read: a regular file below an allowed root, without symbolic links between. The
 * refusal never shows whether a file outside exists.
 */
export function allowedPath(config: Config, given: string): AllowedPath {
  const roots = [config.logs.dir, ...config.api.allowed_roots].map((root) => resolve(root))
  const outside = {
    refused: 'The path is not below a directory that may be read: the log directory, or one of api.allowed_roots.',
  }
  if (given.includes('\0') || given.length > 4096) return outside
  for (const root of roots) {
    const path = isAbsolute(given) ? resolve(given) : resolve(root, given)
    if (!isBelow(root, path)) continue
    try {
      const real = realpathSync.native(root)
      if (realpathSync.native(path) !== resolve(real, relative(root, path)))
        return { refused: 'The path leads over a symbolic link.' }
      const stat = statSync(path)
      if (!stat.isFile()) return { refused: 'The path is not a regular file.' }
      return { path }
    } catch {
      if (isAbsolute(given) || root === roots.at(-1))
        return { refused: 'There is no such file below the directories that may be read.' }
    }
  }
  return outside
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
