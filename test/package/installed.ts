import { execFile, execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')
const SHIPPED = ['src', 'sinks', 'models', 'config', 'scripts', 'LICENSE', 'package.json']
const PAGES = readdirSync(ROOT).filter((name) => name.endsWith('.md'))

/** As in a shell of a user: nothing that `npm test` or our `.npmrc` has set, such as to skip the GPU libraries. */
const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/onnxruntime|^npm_(?!config_(?:cache|registry|userconfig|nodedir)$)|^NODE_|^VITEST|^TEST$/i.test(name),
  ),
)

/** What a shell has where this Node is the one that is installed. */
export function environmentOf(node: string): NodeJS.ProcessEnv {
  return { ...ENVIRONMENT, PATH: `${dirname(node)}${delimiter}${ENVIRONMENT.PATH}` }
}

export async function npm(node: string, cwd: string, ...args: string[]): Promise<string> {
  const cli = process.env.npm_execpath
  const [file, first] = cli?.endsWith('.js') ? [node, [cli]] : ['npm', []]
  const { stdout } = await promisify(execFile)(file, [...first, ...args, '--no-audit', '--no-fund'], {
    cwd,
    env: environmentOf(node),
    maxBuffer: 1e8,
  })
  return stdout
}

export interface Packed {
  readonly tarball: string
  readonly files: readonly string[]
}

/** `npm pack`, with its real `prepack`, in a copy: a clean build in this folder would take `dist` from the other tests. */
export async function pack(): Promise<Packed> {
  const copy = mkdtempSync(join(tmpdir(), 'oddline-pack-'))
  for (const name of [...SHIPPED, ...PAGES, 'tsconfig.json', 'tsconfig.build.json', 'tsconfig.package.json']) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true })
  }
  mkdirSync(join(copy, 'dist/src'), { recursive: true })
  writeFileSync(join(copy, 'dist/src/stale.js'), '')
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const [{ filename, files }] = JSON.parse(await npm(process.execPath, copy, 'pack', '--json', '--silent')) as [
    { filename: string; files: { path: string }[] },
  ]
  return { tarball: join(copy, filename), files: files.map(({ path }) => path) }
}

/**
 * Installs the tarball into an empty folder. On Node 22 and newer this is `npm install` and nothing else. Node 20 gets
 * better-sqlite3 12, which is compiled in 90 seconds where its binary cannot be downloaded: there no script runs while
 * installing, the binary that `npm ci` has made for the same version is put in its place, and then npm runs the scripts
 * of the two other packages that have some, ours and that of ONNX Runtime, in the order of an installation.
 */
export async function install(tarball: string, node: string, dir: string): Promise<void> {
  mkdirSync(dir)
  writeFileSync(join(dir, 'package.json'), '{ "private": true }')
  const compiled = join('node_modules', 'better-sqlite3', 'build/Release/better_sqlite3.node')
  const old = versionOf(node) < 22
  await npm(node, dir, 'install', tarball, '--prefer-offline', ...(old ? ['--ignore-scripts'] : []))
  if (!old) return
  if (versionIn(dir) !== versionIn(ROOT)) {
    await npm(node, dir, 'rebuild', 'better-sqlite3')
  } else {
    if (!existsSync(join(ROOT, compiled))) throw new Error('better-sqlite3 is not built here; run npm ci')
    cpSync(join(ROOT, compiled), join(dir, compiled))
  }
  await npm(node, dir, 'rebuild', 'oddline', 'onnxruntime-node')
}

function versionOf(node: string): number {
  return Number(execFileSync(node, ['--print', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }))
}

function versionIn(folder: string): string {
  return JSON.parse(readFileSync(join(folder, 'node_modules/better-sqlite3/package.json'), 'utf8')).version
}
