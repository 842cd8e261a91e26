import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Finding, Sink } from '../../src/delivery/sink/sink.ts'
import { aFinding, someFindings } from '../support/blocks/findings.ts'
import { dashboardSearches } from '../support/dashboards.ts'
import { configured } from '../support/delivery.ts'
import { StrictBulk } from '../support/servers/bulk-server.ts'
import { type ElasticsearchServer, elasticsearchServer } from '../support/servers/elasticsearch-server.ts'
import { type HttpReceiver, httpReceiver } from '../support/servers/http-receiver.ts'

const soon = () => AbortSignal.timeout(30_000)

async function sinkAt(url: string, keys: Record<string, unknown> = {}): Promise<Sink> {
  const [{ sink }] = await configured({ es: { type: 'elasticsearch', url, ...keys } })
  return sink as Sink
}

describe('the Elasticsearch sink', () => {
  let server: HttpReceiver
  afterEach(async () => await server?.close())

  it('takes a document that is there already for delivered', async () => {
    const bulk = new StrictBulk()
    server = await httpReceiver(bulk.answer)
    const sink = await sinkAt(server.url)
    const batch = someFindings(20)
    expect(await sink.deliver(batch, soon())).toEqual({ kind: 'delivered' })
    expect(await sink.deliver(batch, soon())).toEqual({ kind: 'delivered' })
    expect([...bulk.documents.values()]).toEqual(batch)
  })

  it('judges item by item: 429 and 5xx come again alone, what the mapping refuses is rejected with the reason', async () => {
    const batch = someFindings(5)
    const items = [
      { status: 201 },
      { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'queue is full' } },
      {
        status: 400,
        error: {
          type: 'document_parsing_exception',
          reason: 'failed to parse field [a]',
          caused_by: { reason: 'no date' },
        },
      },
      { status: 409, error: { type: 'version_conflict_engine_exception' } },
      { status: 503, error: { type: 'unavailable_shards_exception' } },
    ]
    const body = JSON.stringify({ errors: true, items: items.map((create) => ({ create })) })
    server = await httpReceiver(() => ({ status: 200, headers: { 'x-elastic-product': 'Elasticsearch' }, body }))
    expect(await (await sinkAt(server.url)).deliver(batch, soon())).toMatchObject({
      kind: 'partial',
      retry: [batch[1], batch[4]],
      rejected: [
        {
          finding: batch[2],
          reason: 'invalid_event',
          detail: '400: document_parsing_exception: failed to parse field [a]: no date',
        },
      ],
      reason: 'rate_limited',
    })
  })

  it('holds the queue when the data stream is missing, for that is not the fault of any finding', async () => {
    const item = { create: { status: 404, error: { type: 'index_not_found_exception', reason: 'no such index' } } }
    const body = JSON.stringify({ errors: true, items: [item] })
    server = await httpReceiver(() => ({ status: 200, headers: { 'x-elastic-product': 'Elasticsearch' }, body }))
    const outcome = await (await sinkAt(server.url)).deliver([aFinding()], soon())
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'misconfigured' })
  })

  it('says which key to set when the server is OpenSearch, and speaks to it with that key', async () => {
    const bulk = new StrictBulk({ product: 'opensearch' })
    server = await httpReceiver(bulk.answer)
    const wrong = await (await sinkAt(server.url)).deliver([aFinding()], soon())
    expect(wrong).toMatchObject({
      kind: 'retry',
      reason: 'misconfigured',
      detail: expect.stringContaining('flavour: opensearch'),
    })
    const right = await sinkAt(server.url, { flavour: 'opensearch' })
    expect(await right.deliver([aFinding()], soon())).toEqual({ kind: 'delivered' })
    expect(bulk.documents.size).toBe(1)
  })

  it.each([
    [{ api_key: 'a2V5' }, 'ApiKey a2V5'],
    [{ username: 'u', password: 'p' }, `Basic ${Buffer.from('u:p').toString('base64')}`],
  ])('logs in as it is told, and its check names a refusal', async (keys, authorization) => {
    const bulk = new StrictBulk({ authorization })
    server = await httpReceiver(bulk.answer)
    await (await sinkAt(server.url, keys)).check?.(soon())
    await expect((await sinkAt(server.url)).check?.(soon())).rejects.toThrow(/HTTP 401 security_exception/)
    expect(await (await sinkAt(server.url)).deliver([aFinding()], soon())).toMatchObject({
      kind: 'retry',
      reason: 'unauthorized',
    })
  })
})

describe('the Elasticsearch sink with a real Elasticsearch', () => {
  let real: ElasticsearchServer | undefined
  let missing = ''
  beforeAll(async () => {
    const started = await elasticsearchServer({ install: false })
    if ('missing' in started) missing = started.missing
    else real = started
  }, 150_000)
  afterAll(() => real?.stop())

  it('sets up, checks, delivers into the data stream once, and isolates what the mapping refuses', async (context) => {
    if (!real) return context.skip(missing)
    const sink = await sinkAt(real.url)
    expect(await sink.setup?.(soon())).toContainEqual(expect.stringContaining('index template'))
    await sink.check?.(soon())
    const batch = someFindings(50)
    expect(await sink.deliver(batch, soon())).toEqual({ kind: 'delivered' })
    expect(await sink.deliver(batch, soon())).toEqual({ kind: 'delivered' })
    const broken = { ...aFinding({ n: 77 }), '@timestamp': 'yesterday' } as Finding
    expect(await sink.deliver([aFinding({ n: 60 }), broken], soon())).toMatchObject({
      kind: 'partial',
      retry: [],
      rejected: [{ finding: broken, reason: 'invalid_event', detail: expect.stringContaining('yesterday') }],
    })
    const name = 'logs-oddline.findings-default'
    await fetch(`${real.url}/${name}/_refresh`, { method: 'POST' })
    const query = {
      query: {
        bool: { filter: [{ term: { 'source.ip': '203.0.113.0/24' } }, { term: { 'rule.id': 'web-sqli-boolean' } }] },
      },
    }
    const response = await fetch(`${real.url}/${name}/_count`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(query),
    })
    expect(await response.json()).toMatchObject({ count: 51 })
  })

  it('answers every aggregation of the Kibana dashboard', async (context) => {
    if (!real) return context.skip(missing)
    const name = 'logs-oddline.findings-dashboard'
    const sink = await sinkAt(real.url, { data_stream: name })
    await sink.setup?.(soon())
    await sink.deliver(someFindings(30, { score: 0.95 }), soon())
    await fetch(`${real.url}/${name}/_refresh`, { method: 'POST' })
    for (const { title, body } of dashboardSearches()) {
      const response = await fetch(`${real.url}/${name}/_search`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      const answer = (await response.json()) as {
        hits: { total: { value: number } }
        aggregations?: Record<string, object>
      }
      expect(response.status, `${title}: ${JSON.stringify(answer)}`).toBe(200)
      expect(answer.hits.total.value, title).toBe(30)
      for (const result of Object.values(answer.aggregations ?? {})) {
        expect(JSON.stringify(result), title).toMatch(/"doc_count":\d|"value":[1-9]/)
      }
    }
  })
})
