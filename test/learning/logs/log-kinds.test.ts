import { describe, expect, test } from 'vitest'
import { OUTCOME_SUCCESS, type SecurityBlock } from '../../../src/core/columns/block.ts'
import { sliceBlock } from '../../../src/core/columns/block-slice.ts'
import { LearntLogs } from '../../../src/learning/logs/learnt-logs.ts'
import { LogTally } from '../../../src/learning/logs/log-tally.ts'
import { type SecurityEvent, securityBlock } from '../../support/blocks/security-block.ts'
import { tempDir } from '../../support/temp.ts'
import { FOREST_ALONE, grown, Life, said, shopping, WARMUP } from '../support.ts'

const LIMITS = { warmup: WARMUP, retrainAfter: 0, retrainOnDrift: true }
const START = Date.UTC(2026, 0, 5)

/** People who log in, one every few seconds. */
const logins = (count: number, from = 0): SecurityEvent[] =>
  Array.from({ length: count }, (_, i) => {
    const n = (from + i) % 397
    const [user, sourceIp] = [`user${n}`, `10.0.${n >> 8}.${n & 255}`]
    return {
      ...{ program: 'sshd', eventType: 'login_success', outcome: OUTCOME_SUCCESS, user, sourceIp },
      message: `Accepted publickey for ${user} from ${sourceIp} port ${40_000 + ((i * 37) % 9999)}`,
      time: START + (from + i) * 5000,
    }
  })

const queries = (count: number): SecurityEvent[] =>
  Array.from({ length: count }, (_, i) => ({
    program: 'postgres',
    eventType: 'other',
    message: `LOG:  duration: ${(i * 17) % 900}.25 ms  statement: SELECT * FROM orders WHERE id = ${i}`,
    time: START + i * 5000,
  }))

/** How many of the events the models have an opinion of. */
async function judged(life: Life, block: SecurityBlock): Promise<number> {
  const opinions = await Promise.all(
    (await life.learning()).voters.slice(1).map(async ({ detector, calibrate }) => {
      return calibrate(block, await detector.score(block))
    }),
  )
  return Array.from({ length: block.count }, (_, i) => opinions.some((scores) => !Number.isNaN(scores[i]))).filter(
    Boolean,
  ).length
}

describe('a kind of log that the models have not learnt', () => {
  test('is learnt when there is enough of it, and the kinds before are not forgotten for it', async () => {
    const life = await grown({ limits: LIMITS, weights: FOREST_ALONE })
    expect(await judged(life, securityBlock(logins(50)))).toBe(0)
    expect(await life.blocks([securityBlock(logins(WARMUP))])).toEqual([])
    expect((await life.drift())?.summary).toContain('syslog (1,200 events)')

    // From here on it is learnt, but the shop has to come for that, too.
    await life.blocks([securityBlock(logins(2 * WARMUP, WARMUP))])
    expect(life.due).toEqual([expect.stringContaining('"syslog"')])
    expect(life.models.versions()).toEqual([1])
    await life.batch(shopping(WARMUP, WARMUP))
    expect(life.models.versions()).toEqual([1, 2])
    await life.batch([])
    const { syslog, access } = life.models.load(2).card.learnt_from as Record<string, number>
    expect([syslog, access > 0.9 * WARMUP]).toEqual([WARMUP, true])
    expect(await judged(life, securityBlock(logins(50, 3000)))).toBe(50)
    expect((await life.drift())?.summary).not.toContain('syslog')
    expect(life.due).toHaveLength(1)
  })

  test('is learnt at last without a kind that never comes again', async () => {
    const life = await grown({ limits: LIMITS, weights: FOREST_ALONE })
    for (let batch = 0; batch < 6; batch++) await life.blocks([securityBlock(logins(WARMUP, batch * WARMUP))])
    expect(life.models.versions()).toEqual([1, 2])
    // What judged requests before still does.
    expect(life.models.load(2).card.learnt_from).toEqual({ syslog: WARMUP, access: WARMUP })
  })

  test('leads to the same findings wherever blocks end and whenever the process dies', async () => {
    const events = logins(2.5 * WARMUP)
    const whole = securityBlock(events)
    const run = async (sizes: number, dies: boolean) => {
      const life = await grown({ limits: LIMITS, weights: FOREST_ALONE })
      await life.blocks([securityBlock(logins(300))])
      await life.blocks([])
      const found = []
      for (let at = 0; at < whole.count; at += sizes) {
        found.push(...(await life.blocks([sliceBlock(whole, at, Math.min(whole.count, at + sizes))], true)))
        if (dies) await life.die()
      }
      found.push(...(await life.batch(shopping(WARMUP, WARMUP), 500, true)))
      await life.batch([])
      found.push(...(await life.blocks([securityBlock(logins(200, 9000))])))
      return { found: said(found), versions: life.models.versions(), card: life.models.load(2).card }
    }
    const { card, ...rest } = await run(whole.count, false)
    const dying = await run(701, true)
    expect({ found: dying.found, versions: dying.versions }).toEqual(rest)
    expect(dying.card.learnt_from).toEqual(card.learnt_from)
  })

  test('is a program that begins to write into a log that is known, but no event of a type that we know', async () => {
    const life = new Life(tempDir(), { limits: LIMITS, weights: FOREST_ALONE })
    await life.blocks([securityBlock(logins(WARMUP))])
    const account = { program: 'useradd', eventType: 'account_change', message: 'new user: name=eve', time: START }
    expect(await judged(life, securityBlock(queries(20)))).toBe(0)
    expect(await judged(life, securityBlock([account]))).toBe(1)
  })

  test('is judged by models of versions that did not keep what they have learnt', () => {
    const block = securityBlock(queries(3))
    expect(new LearntLogs(undefined).unlearnt(block)).toBeUndefined()
    expect(new LearntLogs({ syslog: 9000 }).unlearnt(block)).toEqual(Uint8Array.of(1, 1, 1))
    expect(new LearntLogs({ syslog: 9000, 'syslog postgres': 99 }).unlearnt(block)).toEqual(Uint8Array.of(1, 1, 1))
    expect(new LearntLogs({ syslog: 9000, 'syslog postgres': 100 }).unlearnt(block)).toBeUndefined()
    expect(new LearntLogs({ syslog: 100, 'syslog postgres': 10 }).unlearnt(block)).toBeUndefined()
  })

  test('is not learnt where the configuration does not want a training, or a person has frozen it', async () => {
    const life = new Life(tempDir(), { limits: { ...LIMITS, retrainOnDrift: false }, weights: FOREST_ALONE })
    await life.batch(shopping(WARMUP))
    for (let batch = 0; batch < 3; batch++) await life.blocks([securityBlock(logins(WARMUP))])
    expect([life.due, life.models.versions()]).toEqual([[], [1]])
    expect((await life.drift())?.strange).toEqual([{ kind: 'syslog', events: 3 * WARMUP }])
  })
})

test('of each kind as many events teach as a warmup has, and the rest is left out', () => {
  const tally = new LogTally()
  const block = securityBlock([...logins(5), ...queries(2)])
  const { exclude } = tally.count(block, Uint8Array.of(0, 1, 0, 0, 0, 0, 0), 3)
  expect([...exclude]).toEqual([0, 1, 0, 0, 2, 0, 0])
  expect(tally.learnt).toEqual({ syslog: 3, 'syslog postgres': 2 })
  expect([tally.covers({ syslog: 900, access: 20 }, 12), tally.covers({ syslog: 900, access: 100 }, 12)]).toEqual([
    true,
    false,
  ])
})
