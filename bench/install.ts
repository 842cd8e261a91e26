import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PURPOSES } from './support/dependencies.ts'
import { report } from './support/report.ts'

/**
 * What a user installs: each dependency with what it is for, its own size, and the size of what would go with it if it
 * went. Prints the table of CONTRIBUTING.md. The lock file says what is production; the sizes are of `node_modules`.
 */
interface Locked {
  readonly dev?: boolean
  readonly optional?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> }
const direct = Object.keys(lock.packages[''].dependencies ?? {}).sort()
const differing = [...direct, ...Object.keys(PURPOSES)].filter((name) => !(name in PURPOSES) || !direct.includes(name))
if (differing.length > 0) throw new Error(`bench/support/dependencies.ts does not agree about ${differing.join(', ')}`)

/** Where `name` is found from a package, as Node looks for it: nearest first. */
function resolve(name: string, from: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = `${at === '' ? '' : `${at}/`}node_modules/${name}`
    if (path in lock.packages) return path
    if (at === '') return undefined
  }
}

/** Every package that these need, themselves included. */
function closure(names: readonly string[]): Set<string> {
  const found = new Set<string>()
  const queue = names.map((name) => resolve(name, ''))
  while (queue.length > 0) {
    const path = queue.pop()
    if (path === undefined || found.has(path) || !existsSync(path)) continue
    found.add(path)
    const { dependencies = {}, optionalDependencies = {} } = lock.packages[path]
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) queue.push(resolve(name, path))
  }
  return found
}

const sizes = new Map<string, number>()

function sizeOf(path: string): number {
  const known = sizes.get(path)
  if (known !== undefined) return known
  const size = bytesBelow(path)
  sizes.set(path, size)
  return size
}

/** Bytes of the files of a package, without the packages that lie in it. */
function bytesBelow(folder: string): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && entry.name !== 'node_modules') bytes += bytesBelow(path)
    else if (entry.isFile()) bytes += statSync(path).size
  }
  return bytes
}

const total = (paths: Iterable<string>) => [...paths].reduce((sum, path) => sum + sizeOf(path), 0)
const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10

const all = closure(direct)
console.log('| dependency | what it is for | MB | with what only it needs |\n|---|---|--:|--:|')
for (const name of direct) {
  const without = closure(direct.filter((other) => other !== name))
  const alone = [...all].filter((path) => !without.has(path))
  console.log(
    `| ${name} | ${PURPOSES[name]} | ${megabytes(sizeOf(`node_modules/${name}`))} | ${megabytes(total(alone))} |`,
  )
}
report(
  'install',
  { install_mb: megabytes(total(all)), dependencies: direct.length, transitive: all.size - direct.length },
  {},
  {},
)
