import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { incidentsCommand } from '../../src/faces/cli/review/incidents.ts'
import { verdictsCommand } from '../../src/faces/cli/review/verdicts.ts'
import { deadLettersCommand } from '../../src/faces/cli/upkeep/dead-letters.ts'
import { sinksCommand } from '../../src/faces/cli/upkeep/sinks.ts'
import { AnalysisPages } from '../../src/faces/mcp/analysis-tools.ts'
import { createMcpServer } from '../../src/faces/mcp/server.ts'
import { encodeState, INITIAL_STATE } from '../../src/learning/lifecycle.ts'
import { statusReport } from '../../src/queries/status.ts'
import { saveCheckpoints } from '../../src/store/checkpoints.ts'
import { openDatabase } from '../../src/store/database.ts'
import { DeadLetters } from '../../src/store/delivery/dead-letters.ts'
import { clockOf } from '../support/clock.ts'
import { configured } from '../support/delivery.ts'
import { toldSink } from '../support/told-receiver.ts'
import { inlineAnalyzer, makeApi, type TestApi } from './support/api.ts'
import { makeFinding, NOON } from './support/findings.ts'
import { recordBatch } from './support/state.ts'

const clock = clockOf(() => NOON)
const scanner = makeFinding({ address: '198.51.100.7', line: 1, detectors: ['rules'] })
const attack = makeFinding({ address: '203.0.113.9', line: 2 })
const told = toldSink(() => ({ kind: 'delivered' }))

let api: TestApi
let assistant: Client
const ends: (() => Promise<void>)[] = []

beforeEach(async () => {
  api = await makeApi({ sinks: { told: { type: 'told' } } })
  recordBatch(api.state.db, 'b1', [scanner, attack], { lines: 1000 })
  const queue = api.state.db.prepare("INSERT INTO outbox (sink, seq, queued_at, due_at) VALUES ('told', ?, ?, ?)")
  queue.run(1, NOON, NOON)
  const planned = "INSERT INTO notices (sink, incident, due_at, told) SELECT 'told', id, ?, 1 FROM incidents"
  api.state.db.prepare(planned).run(NOON)
  new DeadLetters(api.state.db).bury(
    { sink: 'told', seq: 2, incident: null, reason: 'too_large', detail: 'no', attempts: 1 },
    NOON,
  )
  assistant = await connect()
})

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  await api.close()
  expect(api.failures).toEqual([])
})

async function connect(): Promise<Client> {
  const analyzer = await inlineAnalyzer(api.config)
  const deps = { db: api.state.db, config: api.config, clock, analyzer }
  const scopes = new Set(['read', 'analyse', 'admin'] as const)
  const server = createMcpServer(deps, { scopes, author: 'mcp', pages: new AnalysisPages() })
  const client = new Client({ name: 'test', version: '1' })
  const [near, far] = InMemoryTransport.createLinkedPair()
  await server.connect(far)
  await client.connect(near)
  ends.push(async () => {
    await client.close()
    await server.close()
    await analyzer.close()
  })
  return client
}

// biome-ignore lint/suspicious/noExplicitAny: answers of several schemas are compared.
type Answer = any

async function http(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object): Promise<Answer> {
  const { statusCode, body } = await api.app.inject({ method, url, payload })
  return { statusCode, ...(body && JSON.parse(body)) }
}

async function mcp(name: string, args: Record<string, unknown> = {}): Promise<Answer> {
  const answer = await assistant.callTool({ name, arguments: args })
  return { refused: answer.isError === true, text: JSON.stringify(answer.content), ...(answer.structuredContent ?? {}) }
}

async function cli(...args: string[]): Promise<string> {
  const printed: string[] = []
  const program = new Command().exitOverride()
  const context = {
    clock,
    openState: () => openDatabase(api.state.dir),
    sinks: () => configured({ told: { type: 'told' } }, [told.definition]),
    print: (line: string) => printed.push(line),
    minScore: () => api.config.detection.min_score,
    user: () => 'ops',
  }
  for (const create of [verdictsCommand, incidentsCommand, deadLettersCommand, sinksCommand])
    program.addCommand(create(context))
  await program.parseAsync(args, { from: 'user' })
  return printed.join('\n')
}

const status = () => statusReport(api.state.db, api.config, NOON)

describe('the command line, the API and MCP say the same of', () => {
  it.each([
    ['the configuration', false, undefined],
    ['the last commit', true, undefined],
    ['an order', false, true],
    ['an order against the last commit', true, false],
  ])('whether learning is frozen, by %s', async (_, held, ordered) => {
    if (held)
      saveCheckpoints(api.state.db, [{ name: 'learning', value: encodeState({ ...INITIAL_STATE, frozen: true }) }])
    if (ordered !== undefined) await mcp('steer_learning', { action: ordered ? 'freeze' : 'resume' })
    const expected = ordered ?? held
    expect(status().learning.frozen).toBe(expected)
    expect((await http('GET', '/models')).learning.frozen).toBe(expected)
    expect((await mcp('get_detection_stats')).learning_frozen).toBe(expected)
  })

  it('the events processed, which count those judged on request', async () => {
    await http('POST', '/detect', { log_line: scanner.event.original })
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get_detection_stats' } }
    const headers = { accept: 'application/json, text/event-stream' }
    const { body } = await api.app.inject({ method: 'POST', url: '/mcp', headers, payload: message })
    const { structuredContent } = JSON.parse(body).result
    expect(structuredContent).toMatchObject({ logs_processed: 1001, judged_on_request: 1 })
    expect((await http('GET', '/status')).logs_processed).toBe(1001)
    expect((await http('GET', '/health')).logs_processed).toBe(1001)
  })

  it('the incidents and their order', async () => {
    const printed = JSON.parse(await cli('incidents', 'list', '--json')) as { id: string; findings: number }[]
    const ids = printed.map(({ id }) => id)
    expect(ids).toHaveLength(2)
    expect((await http('GET', '/incidents')).items.map((one: { id: string }) => one.id)).toEqual(ids)
    expect((await mcp('list_incidents')).incidents.map((one: { id: string }) => one.id)).toEqual(ids)
  })

  it('what waits for a sink: no notice that is planned for later', async () => {
    const [row] = JSON.parse(await cli('sinks', 'list', '--json'))
    expect(row).toMatchObject({ waiting: 1, dead_letters: 1 })
    expect((await http('GET', '/sinks')).items).toMatchObject([{ pending: 1, dead_letters: 1 }])
    expect(status().queues).toEqual([{ sink: 'told', pending: 1, deadLetters: 1, removed: false }])
    expect((await http('GET', '/dead-letters')).total).toBe(1)
  })
})

describe('an order is the same from every face:', () => {
  it('a verdict on a finding, and none on a finding that does not exist', async () => {
    const verdict = async () => (await http('GET', `/findings/${scanner.event.id}`)).verdict
    await cli('verdicts', 'mark', scanner.event.id, 'benign', '--reason', 'ours')
    expect(await verdict()).toMatchObject({ verdict: 'benign', reason: 'ours', author: 'ops' })
    await mcp('label_finding', { finding_id: scanner.event.id, verdict: 'false_positive' })
    expect(await verdict()).toMatchObject({ verdict: 'false_positive', author: 'mcp' })
    await http('PUT', `/findings/${scanner.event.id}/verdict`, { verdict: 'true_positive' })
    expect(await cli('verdicts', 'list')).toContain('true positive')

    const reason = 'There is no finding "none".'
    await expect(cli('verdicts', 'mark', 'none', 'benign')).rejects.toThrow(reason)
    const unknown = await http('PUT', '/findings/none/verdict', { verdict: 'benign' })
    expect(unknown).toMatchObject({ statusCode: 404, detail: reason })
    const refused = await mcp('label_finding', { finding_id: 'none', verdict: 'benign' })
    expect(refused).toMatchObject({ refused: true, text: expect.stringContaining('There is no finding') })
  })

  it('an adjustment, refused where it loses what was judged true, and reverted once', async () => {
    const id = `allow-${scanner.event.id}`
    await cli('verdicts', 'mark', scanner.event.id, 'benign')
    await mcp('apply_adjustment', { proposal_id: id })
    expect(await cli('verdicts', 'adjustments')).toContain('198.51.100.7')
    expect((await http('DELETE', '/adjustments/1')).statusCode).toBe(204)
    await expect(cli('verdicts', 'revert', '1')).rejects.toThrow('No adjustment 1 is in force.')
    expect(await mcp('revert_adjustment', { adjustment_id: 1 })).toMatchObject({ refused: true })

    await cli('verdicts', 'mark', attack.event.id, 'true')
    const wide = { adjustment: { kind: 'allow', target: '/' } }
    expect((await http('POST', '/adjustments', wide)).statusCode).toBe(409)
    await expect(cli('verdicts', 'apply', '--target', '/')).rejects.toThrow('judged true would be lost')
    await expect(cli('verdicts', 'apply', 'none')).rejects.toThrow('There is no proposal "none"')
    expect((await http('POST', '/adjustments', { proposals: ['none'] })).statusCode).toBe(404)
    expect(await mcp('apply_adjustment', { proposal_id: 'none' })).toMatchObject({ refused: true })
  })

  it('a replay of dead letters, which needs a selection', async () => {
    await expect(cli('dead-letters', 'replay')).rejects.toThrow('Say what to replay')
    expect(await http('POST', '/dead-letters/replay', {})).toMatchObject({
      statusCode: 400,
      detail: expect.stringContaining('Say what to replay'),
    })
    expect(await http('POST', '/dead-letters/replay', { sink: 'told' })).toMatchObject({ count: 1 })
    await expect(cli('dead-letters', 'replay', '--all')).rejects.toThrow('No dead letter matches')
    expect(status().queues).toEqual([{ sink: 'told', pending: 2, deadLetters: 0, removed: false }])
  })

  it('a batch, where this process runs none', async () => {
    expect(await http('POST', '/run')).toMatchObject({ statusCode: 409, detail: expect.stringContaining('--api') })
  })
})
