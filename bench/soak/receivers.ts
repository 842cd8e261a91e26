import { systemClock } from '../../src/core/clock.ts'
import { StrictBulk } from '../../test/support/servers/bulk-server.ts'
import { StrictHec } from '../../test/support/servers/hec-server.ts'
import { type HttpReceiver, httpReceiver, type ReceivedRequest } from '../../test/support/servers/http-receiver.ts'
import { StrictSlack } from '../../test/support/servers/slack-server.ts'

const TOKEN = 'soak-token'
const ATTACK = /soak=(\d+)&/

/** How often each attack has arrived. */
export type Arrivals = Map<number, number>

export interface Receivers {
  /** The configuration of the sinks. */
  readonly config: Readonly<Record<string, object>>
  /** By sink; of Slack only the number of messages is known. */
  readonly arrivals: Readonly<Record<'splunk_hec' | 'elasticsearch' | 'webhook', Arrivals>>
  readonly slack: StrictSlack
  close(): Promise<void>
}

/** Strict doubles of four receivers. They keep the numbers of the attacks that arrive, not the findings. */
export async function startReceivers(): Promise<Receivers> {
  const slack = new StrictSlack(systemClock)
  const hec = new StrictHec({ token: TOKEN, acknowledge: true })
  const bulk = new StrictBulk()
  const arrivals = { splunk_hec: new Map(), elasticsearch: new Map(), webhook: new Map() } satisfies Record<
    string,
    Arrivals
  >
  const servers = {
    slack: await forgetful(slack.answer),
    splunk_hec: await forgetful((request) => {
      const answer = hec.answer(request)
      for (const { event } of hec.indexed.splice(0)) note(arrivals.splunk_hec, event)
      return answer
    }),
    elasticsearch: await forgetful((request) => {
      const before = bulk.documents.size
      const answer = bulk.answer(request)
      for (const document of [...bulk.documents.values()].slice(before)) note(arrivals.elasticsearch, document)
      return answer
    }),
    webhook: await forgetful(({ body }) => {
      note(arrivals.webhook, (JSON.parse(body) as { data: unknown }).data)
      return { status: 204 }
    }),
  }
  const all = { route: { severity: 'low' } }
  const pace = { group_wait: '2s', group_interval: '30s', repeat_interval: '1h' }
  return {
    config: {
      slack: { ...pace, type: 'slack', url: servers.slack.url + slack.path, allow_private: true },
      splunk_hec: { ...all, type: 'splunk_hec', url: servers.splunk_hec.url, token: TOKEN },
      elasticsearch: { ...all, type: 'elasticsearch', url: servers.elasticsearch.url },
      webhook: { ...all, type: 'webhook', url: servers.webhook.url, allow_private: true, signature: 'none' },
    },
    arrivals,
    slack,
    async close() {
      await Promise.all(Object.values(servers).map((server) => server.close()))
    },
  }
}

/** A server that does not keep its requests. */
async function forgetful(
  answer: (request: ReceivedRequest) => ReturnType<StrictBulk['answer']>,
): Promise<HttpReceiver> {
  const server = await httpReceiver((request) => {
    server.requests.length = 0
    return answer(request)
  })
  return server
}

/** A finding without the number of an attack is one of the models. */
function note(arrivals: Arrivals, finding: unknown): void {
  const attack = ATTACK.exec(JSON.stringify(finding))?.[1]
  if (attack !== undefined) arrivals.set(Number(attack), (arrivals.get(Number(attack)) ?? 0) + 1)
}
