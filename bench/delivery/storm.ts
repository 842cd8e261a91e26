import { aFinding } from '../../test/support/blocks/findings.ts'
import { httpReceiver } from '../../test/support/servers/http-receiver.ts'
import { StrictSlack, shown } from '../../test/support/servers/slack-server.ts'
import { simulated } from './simulated.ts'

const FINDINGS = 500
const MINUTES = 10

/** Findings of incidents that people are not told of because a critical one of the same who is open and was told. */
const WITHHELD = `
  SELECT coalesce(sum(i.findings), 0) FROM incidents i JOIN notices n ON n.incident = i.id
  WHERE n.told = 0 AND i.severity <> 'critical' AND EXISTS (
    SELECT 1 FROM incidents c JOIN notices t ON t.incident = c.id
    WHERE c.who = i.who AND c.severity = 'critical' AND t.told > 0)`

/** Ten simulated minutes of 429 on Slack while 500 findings come; then prints the messages as a reader sees them. */
export async function storm(): Promise<Record<string, number>> {
  const time = { now: Date.UTC(2026, 0, 5, 12) }
  const slack = new StrictSlack({ now: () => time.now })
  let stormy = true
  const refused = { status: 429, headers: { 'retry-after': '30' }, body: 'rate_limited' }
  const server = await httpReceiver((request) => (stormy ? refused : slack.answer(request)))
  const simulation = await simulated(
    { slack: { type: 'slack', url: server.url + slack.path, allow_private: true } },
    time,
  )
  const kinds = ['sqli', 'xss', 'path_traversal']
  for (let minute = 0; minute < MINUTES; minute++) {
    const findings = Array.from({ length: FINDINGS / MINUTES }, (_, i) => {
      const n = (minute * FINDINGS) / MINUTES + i
      const what = kinds[n % kinds.length]
      return aFinding({ n, who: `198.51.100.${n % 40}`, what, score: 0.72 + (n % 25) / 100 })
    })
    simulation.commit(findings)
    await simulation.pass(60_000, 1_000)
  }
  const duringStorm = slack.said.length
  stormy = false
  await simulation.pass(MINUTES * 60_000, 1_000)

  const times = slack.said.map(({ at }) => at)
  const gaps = times.slice(1).map((at, i) => at - times[i])
  const withheld = simulation.db.prepare(WITHHELD).pluck().get() as number
  const told = simulation.db.prepare('SELECT sum(told_findings) FROM notices WHERE told > 0').pluck().get() as number
  for (const { at, message } of slack.said) console.log(`--- ${new Date(at).toISOString()}\n${shown(message)}\n`)
  await simulation.close()
  await server.close()
  return {
    storm_findings: FINDINGS,
    storm_messages: slack.said.length - duringStorm,
    storm_least_gap_ms: gaps.length > 0 ? Math.min(...gaps) : 60_000,
    storm_refused_after: slack.refusedForRate,
    storm_withheld: withheld,
    storm_lost: FINDINGS - told - withheld,
  }
}
