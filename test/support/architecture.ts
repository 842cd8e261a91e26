import { importCycles, importsOf } from './imports.ts'

/**
 * The import law: which folders of `src` each folder may import. Rooms inside a folder count as the folder, except the
 * three detectors. Every folder may import itself and, except for core, `core`. `(type)` allows types only. `app`, `main`
 * and `node-version` are the files of that name, `sinks` is the folder beside `src`.
 */
const LAW: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ['delivery'],
  reading: [],
  parsing: [],
  templates: [],
  features: ['templates'],
  graph: [],
  ensemble: [],
  detectors: [],
  'detectors/rules': ['detectors'],
  'detectors/isolation-forest': ['detectors', 'features', 'templates', 'ensemble', 'graph'],
  'detectors/transformer': ['detectors', 'graph', 'templates', 'ensemble', 'threads'],
  learning: [
    ...['detectors', 'detectors/rules', 'detectors/isolation-forest', 'detectors/transformer'],
    ...['features', 'templates', 'ensemble', 'threads'],
  ],
  threads: [],
  store: [],
  queries: ['store', 'learning', 'config', 'telemetry (type)'],
  control: ['store', 'queries', 'learning', 'config'],
  delivery: ['store', 'ensemble'],
  telemetry: ['delivery (type)'],
  schedule: [],
  pipeline: [
    ...['reading', 'parsing', 'templates', 'detectors', 'detectors/rules', 'detectors/transformer', 'ensemble'],
    ...['learning', 'store', 'queries', 'delivery', 'config', 'threads'],
  ],
  faces: [
    'queries',
    'control',
    'config',
    'delivery',
    'telemetry',
    'pipeline',
    'parsing',
    'detectors/rules',
    'app',
    'sinks',
  ],
  client: [],
  build: ['config', 'detectors/rules'],
  app: ['config', 'delivery', 'detectors/rules', 'pipeline', 'queries', 'schedule', 'store', 'telemetry', 'sinks'],
  main: ['faces', 'node-version'],
  'node-version': [],
  sinks: [],
}

/** Folders that know nothing of databases, HTTP and logs, and the packages that would tell them. */
const STAGES = ['core', 'reading', 'parsing', 'templates', 'features', 'graph', 'detectors', 'ensemble']
const NOT_IN_STAGES = /^(?:better-sqlite3|fastify|@fastify\/|axios|pino|prom-client|node:https?$)/
const SQL =
  /\b(?:db|state|database)\s*\.(?:prepare|pragma|exec)\(|\bSELECT\s[^;]{1,200}?\sFROM\s|\bINSERT\s+(?:OR\s+\w+\s+)?INTO\s|\bUPDATE\s+\w+\s+SET\s|\bDELETE\s+FROM\s|\bCREATE\s+TABLE\b/
const MAX_LINES = 300
const MAX_FILES = 16

/** What breaks the law in a tree of files, by path; one sentence each. */
export function violations(files: ReadonlyMap<string, string>): string[] {
  const source = [...files].filter(([path]) => /^(?:src|sinks)\//.test(path))
  return [
    ...[...files].flatMap(([path, text]) => forbiddenImports(path, text)),
    ...source.flatMap(([path, text]) => forbiddenText(path, text)),
    ...fullFolders(source.map(([path]) => path)),
    ...importCycles(new Map(source)).map((cycle) => `${cycle.join(' -> ')}: an import cycle`),
  ]
}

function forbiddenImports(path: string, text: string): string[] {
  const wrong = (what: string) => `${path}: ${what}`
  const layer = layerOf(path)
  if (layer !== undefined && LAW[layer] === undefined) return [wrong(`src/${layer} is not in the table of the law`)]
  return importsOf(path, text).flatMap(({ target, typeOnly }) => {
    if (path.startsWith('test/')) return target.startsWith('bench/') ? [wrong(`a test imports ${target}`)] : []
    if (path.startsWith('sinks/')) {
      return /^(?:src|test|bench)\//.test(target) ? [wrong(`a sink imports ${target} instead of #sink`)] : []
    }
    if (layer === undefined) return []
    if (/^(?:test|bench)\//.test(target)) return [wrong(`imports ${target}`)]
    const to = layerOf(target)
    if (to === undefined) return forbiddenPackage(layer, target) ? [wrong(`imports the package ${target}`)] : []
    const allowed = [layer, 'core', ...LAW[layer]]
    if (allowed.includes(to) || (typeOnly && allowed.includes(`${to} (type)`))) return []
    return [wrong(`${layer} may not import ${to} (${target})`)]
  })
}

function forbiddenPackage(layer: string, name: string): boolean {
  if (name.startsWith('better-sqlite3')) return layer !== 'store'
  return STAGES.includes(layer.split('/')[0]) && NOT_IN_STAGES.test(name)
}

function forbiddenText(path: string, text: string): string[] {
  const lines = text.split('\n').length - 1
  const readsState = /^src\/(?:store|queries)\//.test(path)
  return [
    ...(!readsState && SQL.test(text) ? [`${path}: SQL outside store and queries`] : []),
    ...(path !== 'src/main.ts' && /\bprocess\.exit\(/.test(text) ? [`${path}: only main ends the process`] : []),
    ...(lines > MAX_LINES ? [`${path}: ${lines} lines, more than ${MAX_LINES}`] : []),
  ]
}

function fullFolders(paths: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const path of paths) {
    const folder = path.slice(0, path.lastIndexOf('/'))
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  const full = [...counts].filter(([, count]) => count > MAX_FILES)
  return full.map(([folder, count]) => `${folder}: ${count} files, more than ${MAX_FILES}`)
}

/** The folder of the table that a file belongs to; undefined for what is not of `src` or `sinks`. */
function layerOf(path: string): string | undefined {
  const [top, ...parts] = path.split('/')
  if (top === 'sinks') return 'sinks'
  if (top !== 'src') return undefined
  const two = parts.slice(0, 2).join('/')
  return two in LAW ? two : parts[0].replace(/\.ts$/, '')
}

/** Exported names that several files define. A schema and its type in one file are one name. */
export function definedTwice(files: ReadonlyMap<string, string>): Map<string, readonly string[]> {
  const names = new Map<string, Set<string>>()
  for (const [path, text] of files) {
    for (const [, name] of text.matchAll(EXPORTED)) names.set(name, (names.get(name) ?? new Set()).add(path))
  }
  return new Map([...names].filter(([, paths]) => paths.size > 1).map(([name, paths]) => [name, [...paths].sort()]))
}

const EXPORTED = /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm
