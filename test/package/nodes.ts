import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npm } from './installed.ts'

/** The versions of Node, beside the oldest, that Oddline runs on. */
const NEWER = [22, 24]
const OWN = Number(process.versions.node.split('.')[0])

/** This Node, then the newer versions that it is not. */
export const VERSIONS: readonly number[] = [OWN, ...NEWER.filter((version) => version !== OWN)]

/** The executable of a version of Node, which npm has as a package. @throws where it cannot be downloaded at once */
export async function nodeOf(version: number, dir: string): Promise<string> {
  if (version === OWN) return process.execPath
  mkdirSync(dir)
  writeFileSync(join(dir, 'package.json'), '{ "private": true }')
  const name = `node-${process.platform.replace('win32', 'win')}-${process.arch}`
  const atOnce = ['--prefer-offline', '--fetch-retries=0', '--fetch-timeout=20000']
  await npm(process.execPath, dir, 'install', `${name}@${version}`, '--ignore-scripts', ...atOnce)
  return join(dir, 'node_modules', name, 'bin/node')
}
