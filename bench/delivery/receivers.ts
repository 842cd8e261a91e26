import { systemClock } from '../../src/core/clock.ts'
import type { Finding } from '../../src/core/documents/finding.ts'
import { seeded } from '../../src/core/random.ts'
import { StrictBulk } from '../../test/support/servers/bulk-server.ts'
import { debianWebhook } from '../../test/support/servers/debian-webhook.ts'
import type { ElasticsearchServer } from '../../test/support/servers/elasticsearch-server.ts'
import { FAULTS, type Fault, type FaultProxy, faultProxy } from '../../test/support/servers/fault-proxy.ts'
import { StrictHec } from '../../test/support/servers/hec-server.ts'
import { httpReceiver } from '../../test/support/servers/http-receiver.ts'
import { otelCollector } from '../../test/support/servers/otel-collector.ts'
import { StrictSlack } from '../../test/support/servers/slack-server.ts'

/** A finding as it arrived: its id, its incident's who, and its place in the workload. */
export interface Arrival {
  readonly id: string
  readonly who: string
  readonly n: number
}

/** One receiver of the benchmark behind its fault proxy. */
export interface Receiver {
  readonly name: string
  /** What answers: the real program, or a strict server of our own. */
  readonly kind: string
  readonly proxy: FaultProxy
  readonly config: Record<string, unknown>
  /** Everything that arrived, in order, repetitions included; absent for Slack, which gets incidents. */
  arrivals?(): Promise<Arrival[]>
  close(): Promise<void>
}

const TOKEN = 'bench-token'
const SECRET = 'bench-hmac-secret'
const HOST_KEYS = { retry_max_wait: '2s', timeout: '3s', route: { severity: 'low' } }

/** A webhook cannot tell a stranger's 200 from its own, by its protocol, so that fault is not among its own. */
const WEBHOOK_FAULTS: readonly Fault[] = FAULTS.filter((fault) => fault !== 'wrong_body')

/** @param byId the workload, for receivers that note nothing but the id */
export async function receivers(
  elasticsearch: ElasticsearchServer | undefined,
  byId: ReadonlyMap<string, Arrival>,
): Promise<Receiver[]> {
  return [
    await slackReceiver(),
    await hecReceiver(byId),
    await elasticsearchReceiver(elasticsearch),
    await webhookReceiver(byId),
  ]
}

async function slackReceiver(): Promise<Receiver> {
  const slack = new StrictSlack(systemClock)
  const server = await httpReceiver(slack.answer)
  const proxy = await faultProxy(server.url, { random: seeded(1), rate: 0.1, kinds: FAULTS })
  const url = proxy.url + slack.path
  const pace = { group_wait: '2s', group_interval: '3s', repeat_interval: '3s' }
  return {
    name: 'slack',
    kind: 'strict server of our own',
    proxy,
    config: { ...HOST_KEYS, ...pace, type: 'slack', url, allow_private: true },
    close: async () => {
      await proxy.close()
      await server.close()
    },
  }
}

async function hecReceiver(byId: ReadonlyMap<string, Arrival>): Promise<Receiver> {
  const real = await otelCollector()
  if ('missing' in real) return await strictHecReceiver(real.missing)
  const proxy = await faultProxy(real.url, { random: seeded(2), rate: 0.1, kinds: FAULTS })
  return {
    name: 'splunk_hec',
    kind: 'splunkhec receiver of the OpenTelemetry Collector 0.96',
    proxy,
    config: { ...HOST_KEYS, type: 'splunk_hec', url: proxy.url, token: TOKEN },
    arrivals: async () => real.received().map((id) => byId.get(id) ?? { id, who: '', n: -1 }),
    close: async () => {
      await proxy.close()
      real.stop()
    },
  }
}

async function strictHecReceiver(why: string): Promise<Receiver> {
  const hec = new StrictHec({ token: TOKEN, acknowledge: true })
  const server = await httpReceiver(hec.answer)
  const proxy = await faultProxy(server.url, { random: seeded(2), rate: 0.1, kinds: FAULTS })
  return {
    name: 'splunk_hec',
    kind: `strict server of our own (${why})`,
    proxy,
    config: { ...HOST_KEYS, type: 'splunk_hec', url: proxy.url, token: TOKEN },
    arrivals: async () => hec.indexed.map((event) => arrivalOf(event.event as Finding)),
    close: async () => {
      await proxy.close()
      await server.close()
    },
  }
}

async function elasticsearchReceiver(real: ElasticsearchServer | undefined): Promise<Receiver> {
  const bulk = new StrictBulk()
  const server = real ? undefined : await httpReceiver(bulk.answer)
  const target = real?.url ?? (server as { url: string }).url
  const proxy = await faultProxy(target, { random: seeded(3), rate: 0.1, kinds: FAULTS })
  const dataStream = 'logs-oddline.findings-bench'
  return {
    name: 'elasticsearch',
    kind: real ? `Elasticsearch ${real.version}` : 'strict server of our own',
    proxy,
    config: { ...HOST_KEYS, type: 'elasticsearch', url: proxy.url, data_stream: dataStream },
    arrivals: async () =>
      real ? await indexedBy(real.url, dataStream) : [...bulk.documents.values()].map((d) => arrivalOf(d as Finding)),
    close: async () => {
      await proxy.close()
      await server?.close()
    },
  }
}

async function webhookReceiver(byId: ReadonlyMap<string, Arrival>): Promise<Receiver> {
  const real = await debianWebhook(SECRET, true)
  const server = real ? undefined : await httpReceiver(() => ({ status: 204 }))
  const target = real?.url.replace(/\/hooks.*/, '') ?? (server as { url: string }).url
  const proxy = await faultProxy(target, { random: seeded(4), rate: 0.01, kinds: WEBHOOK_FAULTS })
  const signature = { signature: 'hmac_sha256', secret: SECRET }
  const config = {
    ...HOST_KEYS,
    ...signature,
    type: 'webhook',
    url: `${proxy.url}/hooks/findings`,
    allow_private: true,
  }
  return {
    name: 'webhook',
    kind: real ? 'Debian webhook 2.8' : 'strict server of our own',
    proxy,
    config,
    arrivals: async () => {
      if (real) return real.received().map((id) => byId.get(id) ?? { id, who: '', n: -1 })
      return (server?.requests ?? []).map(({ body }) => arrivalOf((JSON.parse(body) as { data: Finding }).data))
    },
    close: async () => {
      await proxy.close()
      await server?.close()
      real?.stop()
    },
  }
}

export function arrivalOf(finding: Finding): Arrival {
  return { id: finding.event.id, who: finding.oddline.session, n: finding.log.file.line - 1 }
}

/** Every document of the data stream, in the order of indexing. */
export async function indexedBy(url: string, dataStream: string): Promise<Arrival[]> {
  await fetch(`${url}/${dataStream}/_refresh`, { method: 'POST' })
  const query = { size: 10_000, seq_no_primary_term: true, track_total_hits: true, query: { match_all: {} } }
  const response = await fetch(`${url}/${dataStream}/_search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(query),
  })
  const { hits } = (await response.json()) as { hits: { hits: { _seq_no: number; _source: Finding }[] } }
  return hits.hits.sort((a, b) => a._seq_no - b._seq_no).map((hit) => arrivalOf(hit._source))
}
