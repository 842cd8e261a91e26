import fc from 'fast-check'
import { actions, setting } from '../test/support/rotation/actions.ts'
import { playSequence } from '../test/support/rotation/sequence.ts'
import { flood } from './faults/floods.ts'
import { readHoles } from './faults/holes.ts'
import { killBatches } from './faults/kills.ts'
import { readServers } from './faults/servers.ts'
import { stopStarts } from './faults/stops.ts'
import { failStorage } from './faults/storage.ts'
import { report } from './support/report.ts'

/**
 * Whether every line is read exactly once: random sequences of what happens to log files, killed batches, real servers
 * with logrotate, storage that fails, blocks of NUL bytes, and stops while the program starts; and how much memory floods
 * of hostile lines take.
 */
const SEQUENCES = numberOf('ODDLINE_SEQUENCES', 5_000)
const KILLS = numberOf('ODDLINE_KILLS', 500)
const REQUESTS = numberOf('ODDLINE_REQUESTS', 500_000)
const HOLED_FILES = numberOf('ODDLINE_HOLED_FILES', 1_000)
const FLOOD = numberOf('ODDLINE_FLOOD', 5_000_000)
const STOPS = numberOf('ODDLINE_STOPS', 50)
const SEED = numberOf('ODDLINE_SEED', Date.now() % 2 ** 31)

console.log(`Seed ${SEED}`)
const sequences = await playSequences()
console.log('Sequences:', JSON.stringify(sequences))
const kills = await killBatches(KILLS, SEED)
console.log('Kills:', JSON.stringify(kills))
const renamed = await readServers('create', REQUESTS)
console.log('Apache and nginx, renamed by logrotate:', JSON.stringify(renamed))
const copied = await readServers('copytruncate', REQUESTS)
console.log('Apache and nginx, copytruncate:', JSON.stringify(copied))
const storage = await failStorage()
console.log('Storage:', JSON.stringify(storage))
const floods = Object.values(await flood(FLOOD))
const stops = await stopStarts(STOPS)
console.log('Stops while starting:', JSON.stringify(stops))

const holed = await readHoles(HOLED_FILES, SEED)
console.log('Holes:', JSON.stringify(holed))

const parts = [sequences, kills, renamed, copied, storage, holed].filter((part) => part !== undefined)
const sum = (name: 'linesIn' | 'linesOut' | 'duplicates' | 'losses') =>
  parts.reduce((total, part) => total + part[name], 0)
report(
  'faults',
  {
    sequences: sequences.sequences,
    kills: sequences.kills + kills.kills,
    process_kills: kills.kills,
    kill_points: kills.points,
    kill_points_missed: kills.missed,
    rotations: sequences.rotations + (renamed?.rotations ?? 0) + (copied?.rotations ?? 0),
    lines_in: sum('linesIn'),
    lines_out: sum('linesOut'),
    deleted_unread: sequences.deletedUnread + kills.deletedUnread,
    duplicates: sum('duplicates'),
    losses: sum('losses'),
    inconsistent: kills.inconsistent + kills.invented + sequences.invented + storage.inconsistent + holed.invented,
    holed_files: holed.files,
    holes: holed.holes,
    lines_damaged_by_holes: holed.damaged,
    server_lines: (renamed?.linesOut ?? 0) + (copied?.linesOut ?? 0),
    copytruncate_writer_race: copied?.unlogged ?? 0,
    storage_faults: storage.faults,
    storage_faults_mistold: storage.mistold,
    floods: floods.length,
    flood_lines: floods.reduce((lines, one) => lines + one.lines, 0),
    flood_lines_unaccounted: floods.reduce((lines, one) => lines + one.unaccounted, 0),
    floods_failed: floods.filter(({ failed }) => failed).length,
    flood_peak_mb: Math.max(...floods.map(({ peakMb }) => peakMb)),
    stops: stops.stops,
    stops_failed: stops.failed,
    slowest_stop_ms: stops.slowestMs,
  },
  {},
  {
    sequences: { min: 5_000 },
    process_kills: { min: 500 },
    kill_points_missed: { max: 0 },
    server_lines: { min: 500_000 },
    holed_files: { min: 1_000 },
    duplicates: { max: 0 },
    losses: { max: 0 },
    inconsistent: { max: 0 },
    storage_faults_mistold: { max: 0 },
    flood_lines_unaccounted: { max: 0 },
    floods_failed: { max: 0 },
    flood_peak_mb: { max: 800 },
    stops_failed: { max: 0 },
  },
)

async function playSequences() {
  const total = { sequences: 0, kills: 0, rotations: 0, linesIn: 0, linesOut: 0, deletedUnread: 0 }
  const wrong = { duplicates: 0, losses: 0, invented: 0 }
  const property = fc.asyncProperty(setting, actions, async (written, done) => {
    const played = await playSequence(written, done)
    total.sequences++
    total.kills += played.kills
    total.rotations += played.rotations
    total.linesIn += played.linesIn
    total.linesOut += played.linesOut
    total.deletedUnread += played.deletedUnread
    const faults = played.duplicates.length + played.lost.length + played.invented.length
    if (faults === 0) return
    wrong.duplicates += played.duplicates.length
    wrong.losses += played.lost.length
    wrong.invented += played.invented.length
    throw new Error(JSON.stringify({ duplicates: played.duplicates, lost: played.lost, invented: played.invented }))
  })
  const details = await fc.check(property, { numRuns: SEQUENCES, seed: SEED })
  if (details.failed) process.stderr.write(`${fc.defaultReportMessage(details)}\n`)
  return { ...total, ...wrong }
}

function numberOf(name: string, otherwise: number): number {
  return Number(process.env[name] ?? otherwise)
}
