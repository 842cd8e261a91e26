import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContractCase, SinkHarness } from '../../src/delivery/sink/contract.ts'
import type { SinkDefinition } from '../../src/delivery/sink/sink.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The package of a stranger: the README's code, built by the compiler against the package as it is published. */
describe('the sink that the README shows', () => {
  let dir: string
  let cases: readonly ContractCase[]
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'oddline-example-'))
    mkdirSync(join(dir, 'node_modules'))
    symlinkSync(root, join(dir, 'node_modules/oddline'))
    for (const name of ['zod', '@types']) symlinkSync(join(root, 'node_modules', name), join(dir, 'node_modules', name))
    const [, code] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'sinks/README.md'), 'utf8')) as RegExpExecArray
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(42)
    writeFileSync(join(dir, 'sink.ts'), code)
    writeFileSync(join(dir, 'package.json'), '{"type":"module"}')
    const compilerOptions = {
      module: 'NodeNext',
      target: 'ES2023',
      strict: true,
      types: ['node'],
      skipLibCheck: true,
      outDir: 'out',
    }
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['sink.ts'] }))
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', dir], { stdio: 'pipe' })
    // Everything comes from the build, as it would for a stranger: a Secret of the sources is another class.
    const load = async (path: string) =>
      (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Record<string, unknown>
    const { sink } = (await load(join(dir, 'out/sink.js'))) as { sink: SinkDefinition }
    const { sinkContract } = (await load(join(root, 'dist/src/delivery/sink/contract.js'))) as {
      sinkContract: (harness: SinkHarness) => readonly ContractCase[]
    }
    cases = sinkContract({
      definition: sink,
      config: (url) => ({ url, token: 'never-to-be-seen', allow_private: true }),
      secrets: ['never-to-be-seen'],
      accept: (_, __, response) => response.end(),
      readsAnswer: false,
    })
  }, 120_000)
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  it('builds, and passes the contract suite', async () => {
    expect(cases.length).toBeGreaterThan(15)
    for (const { name, run } of cases) await run().catch((error: Error) => expect.fail(`${name}: ${error.message}`))
  })
})
