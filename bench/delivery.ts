import { elasticsearchServer } from '../test/support/servers/elasticsearch-server.ts'
import { chaos } from './delivery/chaos.ts'
import { poison } from './delivery/poison.ts'
import { storm } from './delivery/storm.ts'
import { report } from './support/report.ts'

const started = await elasticsearchServer({ install: true })
const elasticsearch = 'missing' in started ? undefined : started
if ('missing' in started) console.log(`${started.missing}; a strict server of our own stands in for it`)
process.on('exit', () => elasticsearch?.stop())

const figures = {
  elasticsearch_is_real: elasticsearch ? 1 : 0,
  ...(await storm()),
  ...(await poison(elasticsearch)),
  ...(await chaos(elasticsearch)),
}
report(
  'delivery',
  figures,
  {},
  {
    storm_least_gap_ms: { min: 1_000 },
    storm_messages: { min: 1, max: 20 },
    storm_lost: { max: 0 },
    poison_delivered: { min: 497 },
    poison_reasoned: { min: 3 },
    poison_replayed: { min: 3 },
    drained: { min: 1 },
    elasticsearch_lost: { max: 0 },
    elasticsearch_repeated: { max: 0 },
    splunk_hec_lost: { max: 0 },
    webhook_lost: { max: 0 },
    slack_lost: { max: 0 },
    slack_incidents_untold: { max: 0 },
    dead_letters: { max: 0 },
    elasticsearch_out_of_order: { max: 0 },
    splunk_hec_out_of_order: { max: 0 },
    webhook_out_of_order: { max: 0 },
    recovery_ms_max: { max: 5_000 },
  },
)
process.exit(0)
