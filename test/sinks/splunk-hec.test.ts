import { afterEach, describe, expect, it } from 'vitest'
import { classify } from '../../sinks/splunk-hec/classify.ts'
import type { Finding, Sink } from '../../src/delivery/sink/sink.ts'
import { aFinding, someFindings } from '../support/blocks/findings.ts'
import { configured } from '../support/delivery.ts'
import { StrictHec } from '../support/servers/hec-server.ts'
import {
  type HttpReceiver,
  httpReceiver,
  type Reaction,
  type ReceivedRequest,
} from '../support/servers/http-receiver.ts'

const soon = () => AbortSignal.timeout(10_000)
let server: HttpReceiver
afterEach(async () => await server?.close())

async function sinkFor(
  react: (request: ReceivedRequest) => Reaction,
  keys: Record<string, unknown> = {},
): Promise<Sink> {
  server = await httpReceiver(react)
  const [{ sink }] = await configured({ splunk: { type: 'splunk_hec', url: `${server.url}/`, token: 't', ...keys } })
  return sink as Sink
}

describe('the Splunk HEC sink', () => {
  it.each([true, false])(
    'delivers events with CIM fields that a strict collector indexes (acknowledgement: %s)',
    async (acknowledge) => {
      const hec = new StrictHec({ token: 't', acknowledge, indexes: ['security'] })
      const sink = await sinkFor(hec.answer, { index: 'security' })
      const batch = someFindings(40)
      expect(await sink.deliver(batch, soon())).toEqual({ kind: 'delivered' })
      expect(hec.indexed.map(({ event }) => event)).toEqual(batch)
      expect(hec.indexed[0]).toMatchObject({
        time: Date.parse(batch[0]['@timestamp']) / 1000,
        source: '/var/log/nginx/access.log',
        sourcetype: 'oddline:finding',
        fields: {
          severity: 'critical',
          src: '203.0.113.7',
          signature_id: 'web-sqli-boolean',
          mitre_technique_id: ['T1190'],
          type: 'alert',
        },
      })
    },
  )

  it('waits for the indexers and sends again when they do not acknowledge in time', async () => {
    const hec = new StrictHec({ token: 't', acknowledge: true })
    hec.indexing = false
    const sink = await sinkFor(hec.answer, { ack_timeout_ms: 300 })
    expect(await sink.deliver([aFinding()], soon())).toMatchObject({ kind: 'retry', reason: 'timeout' })
    hec.indexing = true
    expect(await sink.deliver([aFinding()], soon())).toEqual({ kind: 'delivered' })
  })

  it('goes on asking when the acknowledgement endpoint fails', async () => {
    const hec = new StrictHec({ token: 't', acknowledge: true })
    let failures = 2
    const sink = await sinkFor((request) =>
      request.path.includes('/ack') && failures-- > 0 ? { status: 503 } : hec.answer(request),
    )
    expect(await sink.deliver([aFinding()], soon())).toEqual({ kind: 'delivered' })
    expect(failures).toBeLessThan(0)
  })

  it('is content with being received where acknowledgement turns out to be disabled', async () => {
    const sink = await sinkFor((request) =>
      request.path.includes('/ack')
        ? { status: 400, body: '{"text":"ACK is disabled","code":14}' }
        : { status: 200, body: '{"text":"Success","code":0,"ackId":0}' },
    )
    expect(await sink.deliver([aFinding()], soon())).toEqual({ kind: 'delivered' })
    await sink.deliver([aFinding()], soon())
    expect(server.requests.filter(({ path }) => path.includes('/ack'))).toHaveLength(1)
  })

  it('isolates the event that the collector names and sends only what follows it', async () => {
    const hec = new StrictHec({ token: 't' })
    const sink = await sinkFor(hec.answer)
    const bad = { ...aFinding({ n: 2 }), '@timestamp': '1960-01-01T00:00:00.000Z' } as Finding
    const batch = [aFinding({ n: 0 }), aFinding({ n: 1 }), bad, aFinding({ n: 3 })]
    const outcome = await sink.deliver(batch, soon())
    expect(outcome).toMatchObject({
      kind: 'partial',
      retry: [batch[3]],
      rejected: [{ finding: bad, reason: 'invalid_event' }],
    })
    expect(hec.indexed).toHaveLength(2)
  })

  it('passes its check with a valid token and names the cause with any other', async () => {
    const hec = new StrictHec({ token: 't' })
    const sink = await sinkFor(hec.answer)
    await sink.check?.(soon())
    await server.close()
    const stranger = await sinkFor(new StrictHec({ token: 'another' }).answer)
    await expect(stranger.check?.(soon())).rejects.toThrow(/code 4: Invalid token/)
  })

  it.each([
    [1, 403, 'retry', 'unauthorized'],
    [2, 401, 'retry', 'unauthorized'],
    [3, 401, 'retry', 'unauthorized'],
    [4, 403, 'retry', 'unauthorized'],
    [5, 400, 'rejected', 'invalid_event'],
    [6, 400, 'rejected', 'invalid_event'],
    [7, 400, 'retry', 'misconfigured'],
    [8, 500, 'retry', 'server_error'],
    [9, 503, 'retry', 'server_error'],
    [10, 400, 'retry', 'misconfigured'],
    [11, 400, 'retry', 'misconfigured'],
    [12, 400, 'rejected', 'invalid_event'],
    [13, 400, 'rejected', 'invalid_event'],
    [14, 400, 'retry', 'misconfigured'],
    [15, 400, 'rejected', 'invalid_event'],
    [16, 400, 'retry', 'misconfigured'],
    [18, 503, 'retry', 'server_error'],
    [19, 503, 'retry', 'server_error'],
    [20, 503, 'retry', 'server_error'],
    [21, 400, 'retry', 'unauthorized'],
    [22, 400, 'retry', 'unauthorized'],
    [23, 503, 'retry', 'server_error'],
    [26, 429, 'retry', 'rate_limited'],
    [27, 429, 'retry', 'rate_limited'],
    [0, 200, 'delivered', undefined],
    [24, 200, 'delivered', undefined],
    [25, 200, 'delivered', undefined],
  ])('classifies code %i by its meaning', (code, status, kind, reason) => {
    const body = JSON.stringify({ code, text: 'text of the collector' })
    const outcome = classify({ status, body, headers: { get: () => undefined } }, 0)
    expect([outcome.kind, 'reason' in outcome ? outcome.reason : undefined]).toEqual([kind, reason])
  })

  it.each([6, 12, 13, 15])('reads from code %i which event is invalid', (code) => {
    const body = JSON.stringify({ code, text: 'text of the collector', 'invalid-event-number': 2 })
    const outcome = classify({ status: 400, body, headers: { get: () => undefined } }, 0)
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'invalid_event', index: 2 })
  })
})
