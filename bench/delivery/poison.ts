import { countDeadLetters } from '../../src/queries/dead-letters.ts'
import { DeadLetters } from '../../src/store/delivery/dead-letters.ts'
import { someFindings } from '../../test/support/blocks/findings.ts'
import { StrictBulk } from '../../test/support/servers/bulk-server.ts'
import type { ElasticsearchServer } from '../../test/support/servers/elasticsearch-server.ts'
import { httpReceiver } from '../../test/support/servers/http-receiver.ts'
import { simulated } from './simulated.ts'

const DATA_STREAM = 'logs-oddline.poison-bench'
const POISON = [3, 250, 499]
const STRICT_IP = { source: { properties: { ip: { type: 'ip' } } } }

/** A batch of 500 with three events that the mapping refuses; then the mapping is mended and they are replayed. */
export async function poison(elasticsearch: ElasticsearchServer | undefined): Promise<Record<string, number>> {
  const bulk = new StrictBulk()
  let mended = false
  bulk.refuse = (d) => {
    const { ip } = (d as { source: { ip: string } }).source
    return !mended && ip === 'not an address'
      ? `failed to parse field [source.ip]: '${ip}' is not an IP string literal.`
      : undefined
  }
  const server = elasticsearch ? undefined : await httpReceiver(bulk.answer)
  const url = elasticsearch?.url ?? (server as { url: string }).url
  await put(`${url}/_index_template/poison-bench`, {
    index_patterns: [DATA_STREAM],
    data_stream: {},
    priority: 900,
    template: { mappings: { dynamic: false, properties: { '@timestamp': { type: 'date' }, ...STRICT_IP } } },
  })
  const time = { now: Date.now() }
  const section = { type: 'elasticsearch', url, data_stream: DATA_STREAM, route: { severity: 'low' } }
  const simulation = await simulated({ elasticsearch: section }, time)
  const findings = someFindings(500).map((finding, n) =>
    POISON.includes(n) ? { ...finding, source: { address: 'x', ip: 'not an address' } } : finding,
  )
  simulation.commit(findings)
  await simulation.pass(10_000, 1_000)
  const letters = new DeadLetters(simulation.db)
  const buried = letters.list()
  const delivered = simulation.dispatcher.pending() === 0 ? findings.length - buried.length : 0
  for (const { sink, seq, reason, detail } of buried)
    console.log(`dead letter: ${sink} finding ${seq} ${reason}: ${detail}`)
  const reasoned = buried.filter(({ detail }) => detail.includes('not an IP string literal')).length

  mended = true
  const ignoring = { source: { properties: { ip: { type: 'ip', ignore_malformed: true } } } }
  await put(`${url}/${DATA_STREAM}/_mapping`, { properties: ignoring })
  letters.replay({ sink: 'elasticsearch' }, time.now)
  await simulation.pass(10_000, 1_000)
  const replayed = countDeadLetters(simulation.db) === 0 && simulation.dispatcher.pending() === 0 ? buried.length : 0
  await simulation.close()
  await server?.close()
  return {
    poison_delivered: delivered,
    poison_buried: buried.length,
    poison_reasoned: reasoned,
    poison_replayed: replayed,
  }
}

async function put(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`PUT ${url}: ${response.status} ${await response.text()}`)
}
