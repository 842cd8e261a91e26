import { BUILTIN_SINKS } from '../../sinks/builtin.ts'
import { systemClock } from '../../src/core/clock.ts'
import { IncidentsConfig, SinksConfig } from '../../src/delivery/routing/config.ts'
import { configureSinks } from '../../src/delivery/routing/configure.ts'
import { Dispatcher } from '../../src/delivery/sending/dispatcher.ts'
import { openDatabase } from '../../src/store/database.ts'
import { insert } from './simulated.ts'
import { incidentFinding } from './workload.ts'

/**
 * A process to be killed: commits findings from where it stopped and delivers meanwhile, as the daemon does.
 * Arguments: state directory, number of findings, JSON of the `sinks:` section.
 */
const [stateDir, total, section] = process.argv.slice(2)
const COMMIT_SIZE = 50
const COMMIT_EVERY_MS = 300

const db = openDatabase(stateDir)
const sinks = await configureSinks(SinksConfig.parse(JSON.parse(section)), { builtin: BUILTIN_SINKS })
const incidents = IncidentsConfig.parse(undefined)
const dispatcher = new Dispatcher(db, sinks, { clock: systemClock, random: Math.random, incidents })
db.prepare("INSERT OR IGNORE INTO batches (id, started_at, status) VALUES ('b', 0, 'running')").run()
dispatcher.start()
process.send?.('started')

const committed = db.prepare<[], number>('SELECT count(*) FROM findings').pluck()
const timer = setInterval(() => {
  const n = committed.get() as number
  if (n >= Number(total)) return clearInterval(timer)
  const findings = Array.from({ length: Math.min(COMMIT_SIZE, Number(total) - n) }, (_, i) => incidentFinding(n + i))
  db.transaction(() => insert(db, findings, dispatcher, Date.now())).immediate()
  dispatcher.wake()
}, COMMIT_EVERY_MS)
