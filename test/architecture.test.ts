import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

/**
 * The import law: who may import whom. `type` marks folders of which only types may be imported. A folder may always
 * import itself and, save for core, `core`.
 */
const LAW: Record<string, readonly string[]> = {
  core: [],
  threads: [],
  config: ['delivery'],
  reading: [],
  parsing: [],
  templates: [],
  features: ['templates'],
  graph: [],
  'detectors/rules': ['detectors'],
  'detectors/isolation-forest': ['detectors', 'features', 'templates', 'ensemble', 'graph'],
  'detectors/transformer': ['detectors', 'graph', 'templates', 'ensemble', 'threads'],
  detectors: [],
  ensemble: [],
  learning: [
    'detectors',
    'detectors/rules',
    'detectors/isolation-forest',
    'detectors/transformer',
    'features',
    'templates',
    'ensemble',
    'threads',
  ],
  store: [],
  delivery: ['store', 'ensemble'],
  telemetry: ['delivery (type)'],
  schedule: [],
  control: ['learning', 'store'],
  build: ['config', 'detectors/rules'],
  pipeline: ['*'],
  faces: ['*'],
  client: [],
}

/** Packages that a stage must never touch: no SQLite, no HTTP, no logger. */
const STAGES = ['reading', 'parsing', 'templates', 'features', 'detectors', 'ensemble', 'graph', 'core']
const FORBIDDEN_IN_STAGES = /^(better-sqlite3|fastify|axios|pino|prom-client|node:http|node:https)/

const root = resolve(import.meta.dirname, '..')

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

function importsOf(file: string): { specifier: string; typeOnly: boolean }[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm)
  return [...found].map(([, type, specifier]) => ({ specifier, typeOnly: type !== undefined }))
}

function layerOf(file: string): string {
  const [, ...parts] = file.split('/')
  const two = parts.slice(0, 2).join('/')
  if (two in LAW) return two
  return parts.length > 1 ? parts[0] : '(root)'
}

describe('the import law', () => {
  const files = filesUnder('src').filter((file) => layerOf(file) !== '(root)')

  test.each(files)('%s imports only what its folder may', (file) => {
    const layer = layerOf(file)
    const law = LAW[layer]
    expect(law, `src/${layer} stands in the table of the import law`).toBeDefined()
    for (const { specifier, typeOnly } of importsOf(file)) {
      if (!specifier.startsWith('.')) {
        if (STAGES.includes(layer.split('/')[0])) expect(specifier).not.toMatch(FORBIDDEN_IN_STAGES)
        continue
      }
      const target = layerOf(relative(root, resolve(root, dirname(file), specifier)))
      if (target === layer || target === 'core' || law.includes('*')) {
        if (layer === 'pipeline')
          expect(['faces', 'schedule', 'telemetry'], `${file} imports ${specifier}`).not.toContain(target)
        continue
      }
      const allowed = law.includes(target) || (typeOnly && law.includes(`${target} (type)`))
      expect(allowed, `${file} (${layer}) imports ${specifier} (${target})`).toBe(true)
    }
  })

  test('core imports nothing of ours', () => {
    for (const file of filesUnder('src/core')) {
      for (const { specifier } of importsOf(file))
        expect(specifier.startsWith('../'), `${file}: ${specifier}`).toBe(false)
    }
  })

  test('a sink imports only the public sink contract and packages', () => {
    for (const file of filesUnder('sinks')) {
      for (const { specifier } of importsOf(file)) {
        expect(specifier.startsWith('./') || !specifier.startsWith('.'), `${file}: ${specifier}`).toBe(true)
      }
    }
  })

  test('only main ends the process', () => {
    for (const file of filesUnder('src').filter((name) => name !== 'src/main.ts')) {
      expect(readFileSync(join(root, file), 'utf8'), file).not.toMatch(/process\.exit\(/)
    }
  })
})
