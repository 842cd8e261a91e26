import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BUILTIN_SINKS } from '../../sinks/builtin.ts'
import { IncidentsConfig } from '../../src/delivery/routing/config.ts'
import { configureSinks } from '../../src/delivery/routing/configure.ts'
import { durationSetting } from '../../src/delivery/routing/duration.ts'
import { inhibited } from '../../src/delivery/routing/inhibition.ts'
import { matcherOf, RouteSchema } from '../../src/delivery/routing/routing.ts'
import { resolveSecrets } from '../../src/delivery/routing/secret-keys.ts'
import { testNotice } from '../../src/delivery/sink/sample.ts'
import { aFinding } from '../support/blocks/findings.ts'

describe('a route', () => {
  const selects = (route: object, finding = aFinding({ what: 'sqli', path: '/var/log/nginx/access.log' })) =>
    matcherOf(RouteSchema.parse({ severity: 'low', ...route }))(finding)

  it.each([
    ['every finding of the severity', {}, true],
    ['a source that matches', { sources: ['/srv/*', '/var/log/nginx/*'] }, true],
    ['no finding of another source', { sources: ['/srv/*'] }, false],
    ['a tag that matches, ignoring case', { tags: ['SQL?'] }, true],
    ['only findings that match every key', { tags: ['sqli'], sources: ['/srv/*'] }, false],
    ['a rule by its id', { rules: [aFinding().rule?.id] }, true],
    ['no finding of another rule', { rules: ['another-*'] }, false],
  ])('selects %s', (_, route, expected) => {
    expect(selects(route)).toBe(expected)
  })

  it('selects high and critical findings by default', () => {
    const wants = matcherOf(RouteSchema.parse({}))
    const severities = [0.99, 0.75, 0.55].map((score) => aFinding({ score })).map((f) => [f.oddline.severity, wants(f)])
    expect(severities).toEqual([
      ['critical', true],
      ['high', true],
      ['medium', false],
    ])
  })
})

describe('inhibition', () => {
  const { inhibit } = IncidentsConfig.parse(undefined)
  const { incident } = testNotice(0)
  const critical = { ...incident, id: 'other', severity: 'critical' } as const

  it('suppresses less severe incidents while a critical one is open', () => {
    expect(inhibited(incident, [critical], inhibit)).toBe(true)
    expect(inhibited(incident, [{ ...critical, status: 'resolved' }], inhibit)).toBe(false)
    expect(inhibited({ ...incident, severity: 'critical' }, [critical], inhibit)).toBe(false)
  })

  it('never lets an incident suppress itself', () => {
    const rules = [{ source: { severity: 'low' }, target: { what: ['*'] } }] as const
    expect(inhibited(incident, [incident], rules as unknown as typeof inhibit)).toBe(false)
    expect(inhibited(incident, [critical], rules as unknown as typeof inhibit)).toBe(true)
  })
})

describe('a secret of a sink', () => {
  const sources = { env: { TOKEN: ' from-env\n' }, readFile: (path: string) => `from ${path}\n` }
  const resolve = (own: Record<string, unknown>) => resolveSecrets(own, ['token'], 'sinks.x', sources)

  it.each([
    [{ token: 'direct' }, 'direct'],
    [{ token_file: '/run/t' }, 'from /run/t'],
    [{ token_env: 'TOKEN' }, 'from-env'],
  ])('comes from %j', (own, expected) => {
    const { token, ...rest } = resolve(own) as { token: { reveal(): string } }
    expect(token.reveal()).toBe(expected)
    expect(String(token)).not.toContain(expected)
    expect(rest).toEqual({})
  })

  it('is refused if it is given twice, or if its source is empty', () => {
    expect(() => resolve({ token: 'a', token_env: 'TOKEN' })).toThrow(/set only one of token and token_env/)
    expect(() => resolve({ token_env: 'MISSING' })).toThrow(/sinks\.x\.token_env: MISSING is empty or does not exist/)
  })
})

describe('the sinks section', () => {
  const configure = (section: Record<string, { type: string }>, load?: () => Promise<unknown>) =>
    configureSinks(section, { builtin: BUILTIN_SINKS, load })

  it('reports the problems of all sinks at once', async () => {
    const attempt = configure({ a: { type: 'file' }, b: { type: 'slack' } })
    await expect(attempt).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(attempt).rejects.toThrow(/sinks\.a\.path[\s\S]*sinks\.b\.url/)
  })

  it('leaves out a sink that is not enabled, whatever its settings', async () => {
    expect(await configure({ a: { type: 'file', enabled: false } as { type: string } })).toEqual([])
  })

  it('takes a sink from a package, and says what a package without one lacks', async () => {
    const sink = {
      type: 'pager',
      takes: 'notices',
      config: z.strictObject({}),
      limits: { maxBatch: 1 },
      create: () => ({}),
    }
    expect(await configure({ a: { type: 'pager' } }, async () => ({ sink }))).toMatchObject([{ takes: 'notices' }])
    await expect(configure({ a: { type: 'pager' } }, async () => ({}))).rejects.toThrow(/no export "sink"/)
    const missing = configure({ a: { type: 'pager' } }, () => Promise.reject(new Error('not found')))
    await expect(missing).rejects.toThrow(/neither a built-in sink \(slack,.*\) nor an installed package \(not found\)/)
  })
})

it('a duration is a number with a unit', () => {
  const schema = durationSetting('30s')
  expect(['500ms', '1.5s', '5 m', '4h', '3d'].map((text) => schema.parse(text))).toEqual([
    500, 1_500, 300_000, 14_400_000, 259_200_000,
  ])
  expect(schema.parse(undefined)).toBe(30_000)
  expect(schema.safeParse('5').error?.issues[0].message).toMatch(/number and a unit/)
})
