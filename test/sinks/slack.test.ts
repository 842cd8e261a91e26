import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SlackConfig } from '../../sinks/slack/config.ts'
import { encode } from '../../sinks/slack/encode.ts'
import { sink } from '../../sinks/slack/sink.ts'
import { Secret } from '../../src/core/secret.ts'
import { Dispatcher } from '../../src/delivery/sending/dispatcher.ts'
import { testNotice } from '../../src/delivery/sink/sample.ts'
import type { Finding, Notifier } from '../../src/delivery/sink/sink.ts'
import { aFinding } from '../support/blocks/findings.ts'
import { clockOf } from '../support/clock.ts'
import { aState, commit, configured, incidentsConfig, type State } from '../support/delivery.ts'
import { type HttpReceiver, httpReceiver } from '../support/servers/http-receiver.ts'
import { problemOf, type SlackMessage, StrictSlack, shown } from '../support/servers/slack-server.ts'
import { stepThrough } from '../support/simulation.ts'

const config = SlackConfig.parse({ url: new Secret('https://hooks.slack.com/services/T/B/x') })

function noticeOf(finding: Finding) {
  const notice = testNotice(Date.UTC(2026, 0, 5))
  return {
    ...notice,
    findings: [finding, finding, finding],
    incident: { ...notice.incident, who: finding.oddline.session },
  }
}

describe('a Slack message', () => {
  it('says what happened, shows the line and counts, within the limits', () => {
    const message = encode(noticeOf(aFinding()), config) as SlackMessage
    expect(problemOf(message)).toBeUndefined()
    expect(shown(message)).toContain('SQL injection in parameter id of /items from 203.0.113.7')
    expect(shown(message)).toContain('sqlmap/1.7')
  })

  it.each([
    ['a ping', '<!channel> <@U123> <!here|x> @everyone'],
    ['a forged link', '<https://evil.example|Sign in> https://evil.example'],
    ['an end of the code block', '``` *bold* ```\n``` more'],
    ['text that turns round', 'abc\u202edcba\u0000\u0007\u200b'],
    ['very much', '<&>'.repeat(30_000)],
    ['half characters', '😀'.repeat(8_000)],
  ])('stays within the limits and harmless with %s in every field', (_, hostile) => {
    const finding = aFinding({ who: hostile, message: hostile, original: hostile, path: hostile })
    const evidence = finding.oddline.evidence.map((e) => ({ ...e, summary: hostile }))
    const notice = noticeOf({
      ...finding,
      rule: { id: hostile, name: hostile },
      oddline: { ...finding.oddline, evidence },
    })
    const incident = { ...notice.incident, summary: hostile }
    for (const one of [
      { ...notice, incident },
      {
        kind: 'digest' as const,
        id: 'd',
        incidents: 9,
        findings: 99,
        bySeverity: { high: 9 },
        top: Array(5).fill({ ...notice, incident }),
      },
    ]) {
      const message = encode(one, config) as SlackMessage
      expect(problemOf(message)).toBeUndefined()
      const parsed = JSON.stringify(mrkdwnOf(message))
      expect(parsed).not.toMatch(/<[!@#]|<http|[\u202e\u200b]/)
      expect(JSON.stringify(message)).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/)
    }
  })
})

/** The texts that Slack interprets. */
function mrkdwnOf(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return []
  const { type, text } = value as { type?: string; text?: string }
  const own = type === 'mrkdwn' && typeof text === 'string' ? [text] : []
  return [...own, ...Object.values(value).flatMap(mrkdwnOf)]
}

describe('the Slack sink', () => {
  let state: State
  let server: HttpReceiver
  let now: number
  const clock = clockOf(() => now)
  let slack: StrictSlack
  beforeEach(async () => {
    state = aState()
    now = Date.UTC(2026, 0, 5, 12)
    slack = new StrictSlack(clock)
    server = await httpReceiver((request) => slack.answer(request))
  })
  afterEach(async () => {
    state.close()
    await server.close()
  })

  const section = (more: object = {}) => ({
    slack: { type: 'slack', url: server.url + slack.path, allow_private: true, ...more },
  })

  it('passes its check without showing a message, and says so if the webhook is gone', async () => {
    const [good] = await configured(section())
    await (good.sink as Notifier).check?.(AbortSignal.timeout(5_000))
    expect(slack.said).toHaveLength(0)
    const [gone] = await configured({
      slack: { type: 'slack', url: `${server.url}/services/T/gone`, allow_private: true },
    })
    await expect(gone.sink.check?.(AbortSignal.timeout(5_000))).rejects.toThrow(/no_service.*new one/)
  })

  it('tells one incident once, however many findings it has, and again when it becomes worse', async () => {
    const dispatcher = new Dispatcher(state.db, await configured(section()), {
      clock,
      random: () => 0.5,
      incidents: incidentsConfig,
    })
    commit(
      state.db,
      Array.from({ length: 40 }, (_, n) => aFinding({ n, score: 0.75 })),
      dispatcher.routes,
      now,
    )
    await stepThrough(dispatcher, 60_000, (ms) => (now += ms), 1_000)
    expect(slack.said).toHaveLength(1)
    expect(shown(slack.said[0].message)).toContain('40 findings')
    commit(state.db, [aFinding({ n: 99, score: 0.99 })], dispatcher.routes, now)
    await stepThrough(dispatcher, 6 * 60_000, (ms) => (now += ms), 5_000)
    expect(slack.said).toHaveLength(2)
    expect(shown(slack.said[1].message)).toContain('Critical')
  })

  it('survives ten minutes of 429: at most a message a second, nothing lost, a digest in place of a flood', async () => {
    let storm = true
    const told = slack.answer
    const stormy = await httpReceiver((request) =>
      storm ? { status: 429, headers: { 'retry-after': '30' }, body: 'rate_limited' } : told(request),
    )
    const sinks = await configured({ slack: { type: 'slack', url: stormy.url + slack.path, allow_private: true } })
    const dispatcher = new Dispatcher(state.db, sinks, { clock, random: () => 0.5, incidents: incidentsConfig })
    for (let minute = 0; minute < 10; minute++) {
      const findings = Array.from({ length: 50 }, (_, i) => {
        const n = minute * 50 + i
        return aFinding({
          n,
          who: `198.51.100.${n % 120}`,
          what: n % 3 === 0 ? 'xss' : 'sqli',
          score: 0.72 + (n % 25) / 100,
        })
      })
      commit(state.db, findings, dispatcher.routes, now)
      await stepThrough(dispatcher, 60_000, (ms) => (now += ms), 1_000)
    }
    expect(slack.said).toHaveLength(0)
    storm = false
    await stepThrough(dispatcher, 10 * 60_000, (ms) => (now += ms), 1_000)
    await stormy.close()
    expect(slack.refusedForRate).toBe(0)
    const times = slack.said.map(({ at }) => at)
    expect(times.slice(1).every((at, i) => at - times[i] >= 1_000)).toBe(true)
    const incidents = state.db.prepare('SELECT count(*) FROM incidents').pluck().get() as number
    const findings = state.db.prepare('SELECT sum(told_findings) FROM notices WHERE told > 0').pluck().get() as number
    expect(state.db.prepare('SELECT count(*) FROM notices WHERE told > 0').pluck().get()).toBe(incidents)
    expect(findings).toBe(500)
    expect(slack.said.length).toBeLessThan(5)
    expect(shown(slack.said[0].message)).toMatch(/\d+ incidents \(.*\), 500 new findings/)
    expect(sink.limits.ratePerSecond).toBeLessThanOrEqual(1)
  })
})
