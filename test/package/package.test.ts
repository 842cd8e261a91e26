import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { environmentOf, install, type Packed, pack } from './installed.ts'
import { nodeOf, VERSIONS } from './nodes.ts'

/** What npm packs, installed into an empty folder, does what the README says: real processes, no file of the repository. */
const TOOLS = join(import.meta.dirname, '../../node_modules')
const EXAMPLES = 'node_modules/oddline/config/examples/logs'
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 })
let packed: Packed
beforeAll(async () => {
  packed = await pack()
  return () => rmSync(dirname(packed.tarball), { recursive: true })
})

test('the tarball holds what runs, from a clean build, and nothing else', () => {
  const other = packed.files.filter(
    (path) =>
      !/^(dist\/(src|sinks)|models|config)\/|^([A-Z]+\.md|LICENSE|package\.json|scripts\/preinstall\.js)$/.test(path),
  )
  expect(other).toEqual([])
  expect(packed.files.filter((path) => /\.map$|\.test\.|stale|\/build\/|(?<!\.d)\.ts$/.test(path))).toEqual([])
  expect(statSync(packed.tarball).size).toBeLessThan(2e6)
})

const IMPORTS = `
import { type Finding, OddlineClient } from 'oddline/client'
import { HttpClient, type Sink, type SinkDefinition } from 'oddline/sink'
import { sinkContract } from 'oddline/sink/contract'
console.log([OddlineClient, HttpClient, sinkContract].map((part) => typeof part).join())
`
const TYPED = `${IMPORTS}
export type Definition = SinkDefinition<{ readonly url: string }>
export const deliver = (sink: Sink, finding: Finding) => [sink.deliver, finding.oddline.severity.length]
// @ts-expect-error the types are known: there is no such severity
export const wrong: Finding['oddline']['severity'] = 'odd'
`

describe.each(VERSIONS)('on Node %i', (version) => {
  let node: string | undefined
  let unavailable: unknown
  const root = mkdtempSync(join(tmpdir(), 'oddline-package-'))
  const dir = join(root, 'installed')
  beforeAll(async () => {
    try {
      node = await nodeOf(version, join(root, 'node'))
    } catch (error) {
      unavailable = error
      return
    }
    await install(packed.tarball, node, dir)
  })
  afterAll(() => rmSync(root, { recursive: true }))
  beforeEach(({ skip }) => {
    skip(node === undefined, `Node ${version} cannot be downloaded: ${unavailable}`)
  })

  const bin = () => join(dir, 'node_modules/.bin/oddline')
  const env = () => environmentOf(node!)
  const run = (...args: string[]) =>
    execFileSync(bin(), args, { cwd: dir, encoding: 'utf8', env: env(), stdio: 'pipe' })

  function start(args: string[], more: NodeJS.ProcessEnv = {}) {
    const child = spawn(bin(), args, { cwd: dir, env: { ...env(), ...more }, stdio: ['pipe', 'pipe', 'pipe'] })
    const ended = once(child, 'close')
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await ended
    })
    return child
  }

  test('no GPU library is downloaded', () => {
    const binaries = join(dir, 'node_modules/onnxruntime-node/bin/napi-v6', process.platform, process.arch)
    for (const file of readdirSync(binaries)) {
      if (/cuda|tensorrt|providers_shared/.test(file))
        expect([file, statSync(join(binaries, file)).size]).toEqual([file, 0])
    }
  })

  test('a batch over logs leaves its results, and a report is written of it', () => {
    const summary = JSON.parse(run('run', '--once', '--json', '--log-dir', EXAMPLES, '--output-dir', 'out'))
    expect(summary.findings.total).toBeGreaterThan(10)
    const [folder] = readdirSync(join(dir, 'out'))
    expect(readdirSync(join(dir, 'out', folder))).toEqual(expect.arrayContaining(['findings.jsonl', 'report.html']))
    run('report', '--since', '36500d', '--output', 'report.html')
    expect(readFileSync(join(dir, 'report.html'), 'utf8')).toContain('uplot')
  })

  test('a program imports its three entry points', () => {
    writeFileSync(join(dir, 'main.mjs'), IMPORTS.replaceAll(/type \w+, |, type \w+/g, ''))
    // With a condition that bundlers and runners know, none of our sources are looked for.
    const printed = execFileSync(node!, ['--conditions', 'source', 'main.mjs'], { cwd: dir, encoding: 'utf8' })
    expect(printed).toBe('function,function,function\n')
  })

  // What does not depend on the version of Node is tried on one.
  if (version !== VERSIONS[0]) return

  test('the demo finds the attacks of the sample logs', () => {
    expect(run('demo')).toMatch(/brute_force[\s\S]*sqli[\s\S]*Results: /)
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

  test('a program in TypeScript compiles against its types', () => {
    writeFileSync(join(dir, 'main.mts'), TYPED)
    const options = ['--strict', '--target', 'es2023', '--module', 'nodenext', '--noEmit']
    const types = ['--typeRoots', join(TOOLS, '@types'), '--types', 'node']
    const tsc = join(TOOLS, 'typescript/bin/tsc')
    execFileSync(process.execPath, [tsc, ...options, ...types, 'main.mts'], { cwd: dir, stdio: 'pipe' })
  })
})
