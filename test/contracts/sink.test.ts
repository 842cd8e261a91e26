import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, it } from 'vitest'
import { sink as elasticsearch } from '../../sinks/elasticsearch/sink.ts'
import { sink as file } from '../../sinks/file/sink.ts'
import { sink as slack } from '../../sinks/slack/sink.ts'
import { sink as splunkHec } from '../../sinks/splunk-hec/sink.ts'
import { sink as webhook } from '../../sinks/webhook/sink.ts'
import { type SinkHarness, sinkContract } from '../../src/delivery/sink/contract.ts'
import { localSinkContract } from '../../src/delivery/sink/local-contract.ts'

const SECRET = 'whsec_c2VjcmV0LXRoYXQtbXVzdC1uZXZlci1zaG93LXVw'

const harnesses: Record<string, SinkHarness> = {
  slack: {
    definition: slack,
    config: (url) => ({ url: `${url}/services/T1/B1/never-to-be-seen`, allow_private: true }),
    secrets: ['never-to-be-seen'],
    accept: (_, __, response) => response.end('ok'),
    expects: { 400: 'invalid_event' },
  },
  splunk_hec: {
    definition: splunkHec,
    config: (url) => ({ url, token: 'never-to-be-seen' }),
    secrets: ['never-to-be-seen'],
    accept: (_, __, response) => response.end('{"text":"Success","code":0}'),
    expects: { 400: 'unexpected' },
  },
  elasticsearch: {
    definition: elasticsearch,
    config: (url) => ({ url, api_key: 'never-to-be-seen' }),
    secrets: ['never-to-be-seen'],
    accept: (_, body, response) => {
      const text = body[0] === 0x1f ? gunzipSync(body).toString() : body.toString()
      const items = text
        .trim()
        .split('\n')
        .filter((_line, i) => i % 2 === 0)
      response.writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' })
      response.end(JSON.stringify({ errors: false, items: items.map(() => ({ create: { status: 201 } })) }))
    },
    expects: { 400: 'invalid_event' },
  },
  webhook: {
    definition: webhook,
    config: (url) => ({ url, secret: SECRET, authorization: 'Bearer never-to-be-seen', allow_private: true }),
    secrets: [SECRET, 'never-to-be-seen'],
    accept: (_, __, response) => response.writeHead(204).end(),
    expects: { 400: 'invalid_event', 410: 'misconfigured' },
    // Any 2xx is success to a webhook, whatever it says.
    readsAnswer: false,
  },
}

describe.each(Object.entries(harnesses))('the sink contract: %s', (_name, harness) => {
  for (const { name, run } of sinkContract(harness)) it(name, run)
})

describe('the sink contract: file', () => {
  const idsIn = (dir: string) => {
    const path = join(dir, 'out.jsonl')
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
    return lines.map((line) => (JSON.parse(line) as { event: { id: string } }).event.id)
  }
  const harness = { definition: file, config: (dir: string) => ({ path: join(dir, 'out.jsonl') }), idsIn }
  for (const { name, run } of localSinkContract(harness)) it(name, run)
})
