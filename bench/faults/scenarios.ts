import { STOPPABLE_MODES } from '../../test/support/stops.ts'
import { fuzzApi } from './api-fuzz.ts'
import { damagedStates } from './damaged-states.ts'
import { FLOODS, type FloodName } from './flood-lines.ts'
import { flood } from './floods.ts'
import { readHoles } from './holes.ts'
import { killBatches } from './kills.ts'
import { idleDay, smallDisk } from './retention.ts'
import { expectZero, type Scenario } from './scenario.ts'
import { playSequences } from './sequences.ts'
import { type Method, readServers } from './servers.ts'
import { stopStarts } from './stops.ts'
import { failStorage } from './storage.ts'

/** How much of each there is. */
export interface Extent {
  readonly seed: number
  readonly sequences: number
  readonly kills: number
  readonly requests: number
  readonly holedFiles: number
  readonly flood: number
  readonly stops: number
  readonly hostileRequests: number
}

/** Every scenario, by the time that each takes: damage first, floods last. */
export function scenarios(extent: Extent): Scenario[] {
  return [
    ...damagedStates,
    ...Object.keys(STOPPABLE_MODES).map((mode) => stops(mode, extent)),
    sequences(extent),
    storage,
    holes(extent),
    idleDay,
    smallDisk,
    { name: 'hostile requests to the API', run: (dir) => fuzzApi(dir, extent.hostileRequests, extent.seed) },
    kills(extent),
    servers('create', extent),
    servers('copytruncate', extent),
    ...(Object.keys(FLOODS) as FloodName[]).map((name) => flooded(name, extent)),
  ]
}

function sequences(extent: Extent): Scenario {
  return {
    name: 'histories of log files',
    async run() {
      const { linesIn, linesOut, deletedUnread, duplicates, losses, invented, ...counts } = await playSequences(
        extent.sequences,
        extent.seed,
      )
      const lines = { lines_in: linesIn, lines_out: linesOut, deleted_unread: deletedUnread }
      return expectZero({ duplicates, losses, inconsistent: invented }, { ...counts, ...lines })
    },
  }
}

function kills(extent: Extent): Scenario {
  return {
    name: 'batches killed at their steps',
    async run() {
      const done = await killBatches(extent.kills, extent.seed)
      const { duplicates, losses } = done
      return expectZero(
        { duplicates, losses, inconsistent: done.inconsistent + done.invented, kill_points_missed: done.missed },
        {
          ...{ kills: done.kills, process_kills: done.kills, kill_points: done.points, lines_in: done.linesIn },
          ...{ lines_out: done.linesOut, deleted_unread: done.deletedUnread },
        },
      )
    },
  }
}

function servers(method: Method, { requests }: Extent): Scenario {
  return {
    name: `Apache and nginx with logrotate, ${method}`,
    async run() {
      const read = await readServers(method, requests)
      if (read === undefined) return { ok: true, detail: 'left out: the servers cannot be installed here' }
      const { duplicates, losses, linesIn, linesOut, rotations } = read
      return expectZero(
        { duplicates, losses },
        {
          ...{ rotations, lines_in: linesIn, lines_out: linesOut, server_lines: linesOut },
          ...(method === 'copytruncate' && { copytruncate_writer_race: read.unlogged }),
        },
      )
    },
  }
}

const storage: Scenario = {
  name: 'storage: locked, full, of a newer schema',
  async run() {
    const { faults, mistold, linesIn, linesOut, ...wrong } = await failStorage()
    return expectZero(
      { ...wrong, storage_faults_mistold: mistold },
      { storage_faults: faults, lines_in: linesIn, lines_out: linesOut },
    )
  },
}

function holes(extent: Extent): Scenario {
  return {
    name: 'blocks of NUL bytes',
    async run() {
      const read = await readHoles(extent.holedFiles, extent.seed)
      return expectZero(
        { duplicates: read.duplicates, losses: read.losses, inconsistent: read.invented },
        {
          ...{ holed_files: read.files, holes: read.holes, lines_damaged_by_holes: read.damaged },
          ...{ lines_in: read.linesIn, lines_out: read.linesOut },
        },
      )
    },
  }
}

function stops(mode: string, extent: Extent): Scenario {
  return {
    name: `stopped while starting: ${mode}`,
    async run() {
      const { stops, failed, slowestMs } = await stopStarts(extent.stops, [mode])
      return expectZero({ stops_failed: failed }, { stops, slowest_stop_ms: slowestMs })
    },
  }
}

function flooded(name: FloodName, extent: Extent): Scenario {
  return {
    name: `flood of ${name.replaceAll('_', ' ')}`,
    async run() {
      const { lines, unaccounted, failed, peakMb } = (await flood(extent.flood, [name]))[name]
      return expectZero(
        { flood_lines_unaccounted: unaccounted, floods_failed: failed ? 1 : 0 },
        { floods: 1, flood_lines: lines, peak_mb: peakMb },
      )
    },
  }
}
