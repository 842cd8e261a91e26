import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type ConfiguredSink, configureSinks } from '../routing/configure.ts'
import { testFinding, testNotice } from './sample.ts'
import type { DeliveryOutcome, FailureReason, SinkDefinition } from './sink.ts'

/**
 * The contract suite for sinks that use HTTP, published as `oddline/sink/contract`. It returns named cases for any test
 * runner:
 *
 *     for (const { name, run } of sinkContract(harness)) it(name, run)
 */
export interface SinkHarness {
  readonly definition: SinkDefinition
  /** The sink's own settings, for a receiver at `url`. */
  config(url: string): Record<string, unknown>
  /** Texts in those settings that no outcome may contain. */
  readonly secrets: readonly string[]
  /** Answers a request as a receiver that accepts everything. */
  accept(request: IncomingMessage, body: Buffer, response: ServerResponse): void
  /** Statuses to which this receiver gives a meaning of its own. */
  readonly expects?: Readonly<Record<number, FailureReason>>
  /** False if the sink accepts any 200, whatever its body. Default true. */
  readonly readsAnswer?: boolean
}

export interface ContractCase {
  readonly name: string
  run(): Promise<void>
}

const EXPECTED: Readonly<Record<number, FailureReason>> = {
  301: 'misconfigured',
  401: 'unauthorized',
  403: 'unauthorized',
  404: 'misconfigured',
  408: 'timeout',
  413: 'too_large',
  429: 'rate_limited',
  500: 'server_error',
  502: 'server_error',
  503: 'server_error',
  504: 'server_error',
}

type React = (request: IncomingMessage, body: Buffer, response: ServerResponse) => void

export function sinkContract(harness: SinkHarness): readonly ContractCase[] {
  const answer = (status: number, headers: Record<string, string> = {}, body = 'text of the receiver'): React => {
    return (_, __, response) => response.writeHead(status, headers).end(body)
  }
  const outcomeOf = (react: React, signal = AbortSignal.timeout(20_000)) =>
    withReceiver(harness, react, (sink) => deliver(sink, signal))

  const cases: ContractCase[] = [
    {
      name: 'delivers to a receiver that accepts everything',
      run: async () => assert.deepEqual(await outcomeOf(harness.accept.bind(harness)), { kind: 'delivered' }),
    },
    {
      name: 'retries after the seconds that a 429 asks for',
      run: async () => {
        const outcome = await outcomeOf(answer(429, { 'retry-after': '7' }))
        assert.equal(outcome.kind === 'retry' && outcome.afterMs, 7_000)
      },
    },
    {
      name: 'retries at the date that a 503 names',
      run: async () => {
        const date = new Date(Date.now() + 60_000).toUTCString()
        const outcome = await outcomeOf(answer(503, { 'retry-after': date }))
        assert.ok(outcome.kind === 'retry' && outcome.afterMs !== undefined)
        assert.ok(outcome.afterMs > 50_000 && outcome.afterMs <= 60_000, `waits ${outcome.afterMs} ms`)
      },
    },
    {
      name: 'retries when the connection closes before the answer',
      run: async () =>
        assert.deepEqual(reasonOf(await outcomeOf((request) => request.socket.destroy())), ['retry', 'network']),
    },
    {
      name: 'retries when the receiver hangs, and stops at the abort signal',
      run: async () => {
        const outcome = await outcomeOf(() => {}, AbortSignal.timeout(300))
        assert.deepEqual(reasonOf(outcome), ['retry', 'timeout'])
      },
    },
    {
      name: 'retries when the connection closes in the middle of the answer',
      run: async () => {
        const outcome = await outcomeOf((_, __, response) => {
          response.writeHead(200, { 'content-length': '1000' })
          response.write('first half')
          setImmediate(() => response.destroy())
        })
        assert.equal(outcome.kind, 'retry')
      },
    },
    {
      name: 'retries when the connection is refused',
      run: async () => {
        const sink = await configure(harness, 'http://127.0.0.1:9')
        assert.equal(reasonOf(await deliver(sink, AbortSignal.timeout(20_000)))[0], 'retry')
        await sink.sink.close?.()
      },
    },
    {
      name: 'reveals no secret when the receiver quotes the request',
      run: async () => {
        for (const status of [200, 400, 401, 500]) {
          const outcome = await outcomeOf((request, _, response) => {
            response.writeHead(status).end(`${request.url} ${JSON.stringify(request.headers)}`)
          })
          assertSilent(harness, JSON.stringify(outcome))
        }
      },
    },
  ]
  for (const [status, reason] of Object.entries({ ...EXPECTED, ...harness.expects })) {
    cases.push({
      name: `classifies HTTP ${status} as ${reason}, without throwing or revealing a secret`,
      run: async () => {
        const outcome = await outcomeOf(answer(Number(status)))
        assert.deepEqual(reasonOf(outcome)[1], reason)
        assertSilent(harness, JSON.stringify(outcome))
      },
    })
  }
  if (harness.readsAnswer !== false) {
    cases.push({
      name: 'does not count a 200 with an unrelated page as delivered',
      run: async () => {
        const outcome = await outcomeOf(answer(200, { 'content-type': 'text/html' }, '<html>Please log in</html>'))
        assert.equal(outcome.kind, 'retry')
      },
    })
  }
  return cases
}

async function deliver(configured: ConfiguredSink, signal: AbortSignal): Promise<DeliveryOutcome> {
  if (configured.takes === 'notices') return await configured.sink.notify(testNotice(Date.now()), signal)
  return await configured.sink.deliver([testFinding(Date.now())], signal)
}

/** Kind and reason of an outcome. For a partial delivery without a reason, that of the first rejection. */
function reasonOf(outcome: DeliveryOutcome): readonly (string | undefined)[] {
  if (outcome.kind === 'delivered') return ['delivered']
  if (outcome.kind === 'partial') return ['partial', outcome.reason ?? outcome.rejected[0]?.reason]
  return [outcome.kind, outcome.reason]
}

function assertSilent(harness: SinkHarness, text: string): void {
  for (const secret of harness.secrets) assert.ok(!text.includes(secret), `a secret appears in ${text}`)
}

async function configure(harness: SinkHarness, url: string): Promise<ConfiguredSink> {
  const { definition } = harness
  const section = { contract: { type: definition.type, ...harness.config(url) } }
  const [configured] = await configureSinks(section, { builtin: [definition] })
  return configured
}

async function withReceiver<T>(
  harness: SinkHarness,
  react: React,
  use: (sink: ConfiguredSink) => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    react(request, Buffer.concat(chunks), response)
  })
  server.on('connection', (socket) => {
    sockets.add(socket.on('error', () => {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const configured = await configure(harness, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  try {
    return await use(configured)
  } finally {
    await configured.sink.close?.()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}
