import type { HttpBlock } from '../../core/columns/block.ts'
import { countText, quoted } from '../../core/text/for-people.ts'
import { queryStart } from '../../templates/path-shapes.ts'
import { type Sayings, unlike } from '../phrase.ts'
import { stretchOf } from '../stretch.ts'
import { type StructureModel, ZONE_AGENT, ZONE_PATH, ZONE_QUERY, ZONE_REFERER } from '../structure.ts'
import { HTTP, type HttpFeatureName } from './http-features.ts'
import type { HttpProfiles } from './http-profiles.ts'

/** What to say of a request where numbers do not help. `profiles` are frozen, and `row` was computed with them. */
export function httpSayings(profiles: HttpProfiles, block: HttpBlock, i: number, row: Float32Array): Sayings {
  const text = block.target.latin1(i)
  const query = queryStart(text, 0, text.length)
  const endpoint = profiles.shapes.shapeOf(text, 0, query)
  const { structure } = profiles
  const target = unlike('target', decoded(targetStretch(structure, text, query, row)))
  const agent = stretchOf(structure, ZONE_AGENT, block.userAgent.latin1(i))
  const referer = stretchOf(structure, ZONE_REFERER, block.referer.latin1(i))
  return {
    ...unseen(profiles, block, i, endpoint),
    ...ofClient(row),
    target_peak: target,
    target_surprise: target,
    parameter_oddity: parameters(profiles, endpoint, text, query),
    size_deviation: `the response has ${countText(block.bytes[i])} bytes, usually about ${countText(profiles.sizes.usual(endpoint), 2)} for a path like this`,
    agent_peak: unlike('User-Agent', decoded(agent)),
    referer_peak: unlike('Referer', decoded(referer)),
  } satisfies { [K in HttpFeatureName]?: string }
}

/** Columns hold UTF-8 as latin1; a part may begin or end within a character. */
function decoded(part: string): string {
  return Buffer.from(part, 'latin1')
    .toString('utf8')
    .replace(/^\ufffd+|\ufffd+$/g, '')
}

/** The most surprising part of the path or of the query, whichever the row's peak comes from. */
function targetStretch(structure: StructureModel, text: string, query: number, row: Float32Array): string {
  const inPath = stretchOf(structure, ZONE_PATH, text, 0, query)
  if (query === text.length || Math.fround(structure.peak) === row[HTTP.target_peak]) return inPath
  return stretchOf(structure, ZONE_QUERY, text, query + 1)
}

function parameters(profiles: HttpProfiles, endpoint: number, text: string, query: number): string {
  profiles.parameters.measure(endpoint, text, query + 1, text.length, false)
  const { culprit, count } = profiles.parameters
  if (culprit !== '') return `the value of the parameter ${quoted(culprit)} is unlike most in training`
  return count === 0
    ? 'the query has no parameters, unlike most in training'
    : 'these parameters together are unlike most of a path like this in training'
}

function unseen({ knows }: HttpProfiles, block: HttpBlock, i: number, endpoint: number) {
  const status = block.status[i]
  const method = block.method.latin1(i)
  return {
    ...(!knows.endpoint(endpoint) && { endpoint_rarity: 'a path like this was never seen in training' }),
    ...(!knows.method(method) && { method_rarity: `the method ${quoted(method)} was never seen in training` }),
    ...(!knows.status(status) && { status_rarity: `the status ${status} was never seen in training` }),
    ...(!knows.agent(block.userAgent.latin1(i)) && {
      agent_rarity: 'a User-Agent like this was never seen in training',
    }),
  }
}

/** A client without a past has a burst of one request and no gap (`http-sessions.ts`). */
function ofClient(row: Float32Array) {
  // A client with fewer than four requests has this value, whatever its pace.
  const jitter = row[HTTP.client_jitter] === 1 && { client_jitter: '' }
  if (row[HTTP.client_gap] !== 0 || row[HTTP.client_burst] > Math.fround(Math.LN2)) return jitter
  const said = 'this client was not seen before'
  return {
    ...jitter,
    client_gap: said,
    client_burst: said,
    client_novelty: said,
    client_error_share: said,
    client_night_share: row[HTTP.client_night_share] > 0 ? 'this client was not seen before and came at night' : '',
  }
}
