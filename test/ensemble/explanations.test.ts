import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { EventBlock } from '../../src/core/columns/block.ts'
import { seeded } from '../../src/core/random.ts'
import { IsolationForestDetector } from '../../src/detectors/isolation-forest/detector.ts'
import { ForestTrainer } from '../../src/detectors/isolation-forest/trainer.ts'
import { RulesDetector } from '../../src/detectors/rules/detector.ts'
import { loadRules } from '../../src/detectors/rules/loading/load.ts'
import { TransformerDetector } from '../../src/detectors/transformer/detector.ts'
import { SequenceScorer } from '../../src/detectors/transformer/scoring/scorer.ts'
import { explain } from '../../src/ensemble/explain.ts'
import { blockOf, smallModel, templatesOf } from '../detectors/transformer/support.ts'
import { httpBlock, type Request } from '../support/blocks/http-block.ts'
import { type SecurityEvent, securityBlock } from '../support/blocks/security-block.ts'

const PAGE = join(import.meta.dirname, '../../docs/explanations.md')
const START = Date.UTC(2026, 0, 5)
const NOW = START + 4_200_000
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/147.0'

/** Shoppers of a small site, from 200 addresses. */
function shoppers(count: number): Request[] {
  const random = seeded(1)
  const pick = <T>(of: readonly T[]) => of[Math.floor(random() * of.length)]
  return Array.from({ length: count }, (_, i) => ({
    client: `198.51.100.${Math.floor(random() * 200)}`,
    target: pick([
      '/',
      `/item?id=${Math.floor(random() * 9000)}`,
      `/search?q=${pick(['shoes', 'blue+shirt', 'winter+coat', 'socks'])}&page=${1 + Math.floor(random() * 5)}`,
    ]),
    status: random() < 0.03 ? 404 : 200,
    bytes: 2000 + Math.floor(random() * 500),
    userAgent: FIREFOX,
    time: START + i * 700,
  }))
}

/** Logins of 40 users, each from an address of their own; one in thirty is mistyped. */
function colleagues(count: number): SecurityEvent[] {
  const random = seeded(2)
  return Array.from({ length: count }, (_, i) => {
    const who = Math.floor(random() * 40)
    return login(random() < 1 / 30 ? 'failure' : 'success', `user${who}`, `192.0.2.${who}`, START + i * 7000)
  })
}

function login(outcome: 'success' | 'failure', user: string, sourceIp: string, time: number): SecurityEvent {
  return {
    user,
    sourceIp,
    time,
    program: 'sshd',
    eventType: `login_${outcome}`,
    outcome: outcome === 'success' ? 1 : 2,
    message: `${outcome === 'success' ? 'Accepted' : 'Failed'} password for ${user} from ${sourceIp} port 40022 ssh2`,
  }
}

const trainer = new ForestTrainer({ seed: 1 })
for (const block of [httpBlock(shoppers(6000)), securityBlock(colleagues(3000))])
  trainer.collect(block, new Uint8Array(block.count))
const model = trainer.fit()
const shipped = loadRules(['config/rules'])
const trained = new IsolationForestDetector(model, trainer.sessions).snapshot()

/** What a reader sees of the last event, judged by the rules and a forest that saw the training data. */
async function judged(block: EventBlock): Promise<string> {
  const rules = new RulesDetector(shipped)
  const forest = new IsolationForestDetector(model)
  forest.restore(trained)
  const last = block.count - 1
  const level = rules.score(block)[last]
  await forest.score(block)
  const evidence = [forest.explain(block, last, 0.7)]
  if (!Number.isNaN(level)) evidence.push(rules.explain(block, last, level))
  return explain(block, last, evidence, 'medium')
}

const request = (of: Request) => ({ client: '198.51.100.7', userAgent: FIREFOX, bytes: 2200, time: NOW, ...of })
const requests = (...of: Request[]) => judged(httpBlock(of.map(request)))
const events = (...of: SecurityEvent[]) => judged(securityBlock(of))
const guesses = Array.from({ length: 14 }, (_, i) => login('failure', 'user7', '203.0.113.45', NOW + i * 1000))

let scorer: SequenceScorer
beforeAll(async () => {
  scorer = await SequenceScorer.open(smallModel())
})
afterAll(() => scorer.close())

/** What a reader sees of the last step of a session, judged by the small model. */
async function steps(templates: readonly number[], seen?: string): Promise<string> {
  const texts: Record<number, string> = {
    10: 'GET / 2xx',
    11: 'GET /bye 2xx',
    20: 'GET /cart 2xx',
    21: 'GET /address 2xx',
    22: 'GET /payment 2xx',
    23: 'GET /order 2xx',
  }
  const textOf = (template: number) => texts[template] ?? seen ?? '<unknown>'
  const rarity = () => ({ oneIn: 2000, heldOut: 742, seen: false })
  const detector = new TransformerDetector({ templatesOf, textOf, rarity }, scorer)
  const block = blockOf(templates.map((template) => ({ client: '198.51.100.7', template, time: NOW })))
  await detector.score(block)
  const shown = httpBlock([request({ target: '/order' })])
  return explain(shown, 0, [await detector.explain(block, templates.length - 1, 0.7)], 'medium')
}

const KINDS: Readonly<Record<string, () => Promise<string>>> = {
  'A rule and the forest': () => requests({ target: "/search?q=1'+union+select+name,pass+from+users--&page=1" }),
  'A rule over several events': () => events(...guesses, login('success', 'user7', '203.0.113.45', NOW + 20_000)),
  'An odd value of a parameter': () => requests({ target: '/item?id=4177%3B%7C%7C' }),
  'An unknown client': () => requests({ client: '203.0.113.9', target: '/', userAgent: 'curl/8.5.0' }),
  'An unknown page': () => requests({ target: '/' }, { target: '/items', time: NOW + 1000 }),
  'An unknown method and status': () => requests({ method: 'PROPFIND', target: '/', status: 405 }),
  'A response of unusual size': () => requests({ target: '/item?id=4177', bytes: 48_211_000, status: 404 }),
  'A burst of failures': () =>
    requests(
      ...Array.from({ length: 60 }, (_, i) => ({ target: `/item?id=${4100 + i}`, status: 404, time: NOW + i * 500 })),
    ),
  'A user from elsewhere': () => events(login('success', 'user7', '203.0.113.45', NOW)),
  'An unusual order of steps': () => steps([10, 20, 21, 20]),
  'An unknown step': () => steps([10, 20, 99]),
  'An unusual first step': () => steps([23]),
}

/** The page has lines of at most this many characters. */
const WIDTH = 80

test('explanations of twelve kinds read as the documentation shows them', async () => {
  const texts = await Promise.all(Object.entries(KINDS).map(async ([kind, say]) => [kind, await say()]))
  expect(texts).toHaveLength(12)
  const shown = texts.map(([kind, text]) => `## ${kind}\n\n\`\`\`text\n${wrapped(text)}\n\`\`\`\n`)
  const page = readFileSync(PAGE, 'utf8')
  const written = `${page.slice(0, page.indexOf('## '))}${shown.join('\n')}`
  // After a change that is meant: npx vitest run test/ensemble/explanations.test.ts --update
  await expect(written).toMatchFileSnapshot(PAGE)
})

test('no explanation has a unit or a word that only developers know', async () => {
  for (const [kind, say] of Object.entries(KINDS)) {
    const text = await say()
    const withoutAddresses = text.replace(/\d+\.\d+\.\d+\.\d+/g, '')
    expect(withoutAddresses, kind).not.toMatch(/\bnats\b|\bbits\b|deviation|rarity|<unknown>|end of session|\d\.\d{3}/)
    for (const [, here, usual] of text.matchAll(/(\d[\d,]* ?%?) [^;.]*\(usually ([^)]+)\)/g))
      expect(here).not.toBe(usual)
  }
})

function wrapped(text: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1]
    if (line !== '' && line.length + 1 + word.length > WIDTH) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.join('\n')
}
