import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const { version, engines } = JSON.parse(read('package.json'))

describe('the project', () => {
  it('is checked by its own check, on the oldest version of Node that it supports and on newer ones', () => {
    const { jobs } = parse(read('.github/workflows/ci.yml'))
    const { strategy, steps } = jobs.check
    const oldest = Number(/\d+/.exec(engines.node)?.[0])
    expect(Math.min(...strategy.matrix.node)).toBe(oldest)
    expect(steps.flatMap(({ run }: { run?: string }) => run ?? [])).toEqual(['.ci/run'])
    expect(existsSync(join(ROOT, '.ci/run'))).toBe(true)
  })

  it('has issue forms whose fields have ids and labels', () => {
    const folder = '.github/ISSUE_TEMPLATE'
    const forms = readdirSync(join(ROOT, folder)).filter((name) => name !== 'config.yml')
    expect(forms.sort()).toEqual(['bug.yml', 'detection.yml', 'feature.yml'])
    for (const form of forms) {
      const { name, description, body } = parse(read(join(folder, form)))
      expect([name, description], form).toEqual([expect.any(String), expect.any(String)])
      for (const { type, id, attributes } of body) {
        if (type === 'markdown') expect(attributes.value, form).toEqual(expect.any(String))
        else expect([id, attributes.label], form).toEqual([expect.any(String), expect.any(String)])
      }
    }
  })

  it('has an entry in the changelog for its version, and room for what comes next', () => {
    const headings = [...read('CHANGELOG.md').matchAll(/^## \[(.+?)\]/gm)].map(([, name]) => name)
    expect(headings[0]).toBe('Unreleased')
    expect(headings).toContain(version)
  })

  it('packs what a user needs: the built program, the files of browsers, and the pages that the README links to', () => {
    const answer = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const packed = (JSON.parse(answer.toString())[0].files as { path: string }[]).map(({ path }) => path)
    const assets = (['look', 'report', 'dashboard'] as const).flatMap((name) =>
      readdirSync(join(ROOT, 'src/faces', name, 'public')).map((file) => join('dist/src/faces', name, 'public', file)),
    )
    const pages = [...read('README.md').matchAll(/\]\(([A-Z]+\.md)\)/g)].map(([, page]) => page)
    const needed = ['dist/src/main.js', 'config/default.yaml', 'models/self-test/golden.json', ...assets, ...pages]
    expect(needed.filter((path) => !packed.includes(path) && path !== 'CONTRIBUTING.md')).toEqual([])
    expect(packed.filter((path) => /^(test|state|batch_outputs|logs|\.)/.test(path))).toEqual([])
  })
})
