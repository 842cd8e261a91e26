import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { ENVIRONMENT, install, type Packed, pack } from './installed.ts'

/** What npm packs, installed into an empty folder, does what the README says: real processes, no file of the repository. */
const TOOLS = join(import.meta.dirname, '../../node_modules')
const EXAMPLES = 'node_modules/oddline/config/examples/logs'
vi.setConfig({ testTimeout: 300_000 })
let packed: Packed
let dir: string

beforeAll(async () => {
  packed = await pack()
  dir = await install(packed.tarball)
}, 600_000)

const BIN = () => join(dir, 'node_modules/.bin/oddline')
const run = (...args: string[]) => execFileSync(BIN(), args, { cwd: dir, encoding: 'utf8', env: ENVIRONMENT })

function start(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(BIN(), args, { cwd: dir, env: { ...ENVIRONMENT, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

test('the tarball holds what runs, from a clean build, and nothing else', () => {
  const other = packed.files.filter(
    (path) =>
      !/^(dist\/(src|sinks)|models|config)\/|^([A-Z]+\.md|LICENSE|package\.json|scripts\/preinstall\.js)$/.test(path),
  )
  expect(other).toEqual([])
  expect(packed.files.filter((path) => /\.map$|\.test\.|stale|\/build\/|(?<!\.d)\.ts$/.test(path))).toEqual([])
  expect(statSync(packed.tarball).size).toBeLessThan(2e6)
})

test('no GPU library is downloaded', () => {
  const binaries = join(dir, 'node_modules/onnxruntime-node/bin/napi-v6', process.platform, process.arch)
  for (const file of readdirSync(binaries)) {
    if (/cuda|tensorrt|providers_shared/.test(file))
      expect([file, statSync(join(binaries, file)).size]).toEqual([file, 0])
  }
})

test('the demo finds the attacks of the sample logs', () => {
  expect(run('demo')).toMatch(/brute_force[\s\S]*sqli[\s\S]*Results: /)
})

test('a batch over logs leaves its results, and a report is written of it', () => {
  const summary = JSON.parse(run('run', '--once', '--json', '--log-dir', EXAMPLES, '--output-dir', 'out'))
  expect(summary.findings.total).toBeGreaterThan(10)
  const [folder] = readdirSync(join(dir, 'out'))
  expect(readdirSync(join(dir, 'out', folder))).toEqual(expect.arrayContaining(['findings.jsonl', 'report.html']))
  run('report', '--since', '36500d', '--output', 'report.html')
  expect(readFileSync(join(dir, 'report.html'), 'utf8')).toContain('uplot')
})

test('the API serves the dashboard with all that its page asks for', async () => {
  const child = start(['serve', '--log-dir', EXAMPLES, '--state-dir', 'served'], { API_PORT: '0' })
  let url: string | undefined
  for await (const line of createInterface({ input: child.stderr })) {
    url = /"url":"(http:[^"]+)"/.exec(line)?.[1]
    if (url) break
  }
  child.stderr.resume()
  const page = await (await fetch(`${url}/ui/`)).text()
  const assets = [...page.matchAll(/(?:src|href)="([^":]+\.(?:js|css))"/g)].map(([, path]) => path)
  expect(assets.length).toBeGreaterThan(3)
  for (const path of [...assets, '/docs/']) {
    const answer = await fetch(new URL(path, `${url}/ui/`))
    expect([path, answer.status, (await answer.text()).length > 0]).toEqual([path, 200, true])
  }
})

test('an assistant can connect over standard input and output', async () => {
  const child = start(['mcp', '--log-dir', EXAMPLES, '--state-dir', 'mcp'])
  const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: hello })}\n`)
  for await (const line of createInterface({ input: child.stdout })) {
    expect(JSON.parse(line)).toMatchObject({ id: 1, result: { serverInfo: { name: 'oddline' } } })
    return
  }
  expect.unreachable('it ended without an answer')
})

const CONSUMER = `
import { type Finding, OddlineClient } from 'oddline/client'
import { HttpClient, type Sink, type SinkDefinition } from 'oddline/sink'
import { sinkContract } from 'oddline/sink/contract'
export type Definition = SinkDefinition<{ readonly url: string }>
export const deliver = (sink: Sink, finding: Finding) => [sink.deliver, finding.oddline.severity.length]
// @ts-expect-error the types are known: there is no such severity
export const wrong: Finding['oddline']['severity'] = 'odd'
console.log([OddlineClient, HttpClient, sinkContract].map((part) => typeof part).join())
`

test('a program in TypeScript compiles against it and imports its three entry points', () => {
  const folder = join(dir, 'consumer')
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'main.ts'), CONSUMER)
  const compile = (...options: string[]) =>
    execFileSync(
      process.execPath,
      [
        join(TOOLS, 'typescript/bin/tsc'),
        ...['--strict', '--target', 'es2023', '--typeRoots', join(TOOLS, '@types'), '--types', 'node', 'main.ts'],
        ...options,
      ],
      { cwd: folder, stdio: 'pipe' },
    )
  compile('--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck', '--noEmit')
  compile('--module', 'nodenext')
  // With a condition that bundlers and runners know, none of our sources are looked for.
  const args = ['--conditions', 'source', 'main.js']
  expect(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })).toBe('function,function,function\n')
})
