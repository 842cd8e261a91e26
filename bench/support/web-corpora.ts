import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import type { RequestFields } from '../../src/detectors/rules/selftest/events.ts'
import { dataFile } from './data.ts'

/** A request with what its corpus says of it. */
export interface Labelled {
  readonly request: RequestFields
  readonly label: string
}

function asParameter(value: string): RequestFields {
  return { target: `/search?q=${encodeURIComponent(Buffer.from(value, 'utf8').toString())}` }
}

/** HttpParamsDataset: parameter values, labelled norm, sqli, xss, path-traversal or cmdi. */
export function payloadValues(): Labelled[] {
  const rows = parse(readFileSync(dataFile('web', 'payload_train.csv')), { columns: true, relax_quotes: true }) as {
    payload: string
    attack_type: string
  }[]
  return rows.map(({ payload, attack_type }) => ({ request: asParameter(payload), label: attack_type }))
}

/** GoTestWAF's payloads as parameters; those for the User-Agent header there. */
export function goTestWaf(): Labelled[] {
  return lines('gotestwaf.jsonl').map((row) => {
    const payload = String(row.payload)
    const inAgent = row.type === 'UserAgent'
    return {
      request: inAgent ? { target: '/', user_agent: payload } : asParameter(payload),
      label: String(row.label),
    }
  })
}

const PLAIN_HEADERS =
  /^(?:user-agent|host|accept|accept-.*|cache-control|connection|content-type|content-length|pragma)$/i
const PLAIN_URI = /^\/(?:[\w./-]*)$/
const ATTACK_FAMILIES = /^REQUEST-9(?:30|31|32|33|34|41|42|43|44)-/

/**
 * Stages of the CRS regression tests whose attack can only be in the URI: an attack family's rule must fire, there is no
 * body, no header beyond the ordinary, the test agent's own User-Agent, and a URI of more than a plain path.
 */
export function crsUris(): Labelled[] {
  return lines('crs_regression.jsonl').flatMap((row) => {
    const headers = Object.entries((row.headers ?? {}) as Record<string, string>)
    const agent = headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1] ?? ''
    const uri = String(row.uri ?? '')
    const inUri =
      row.label === 'attack' &&
      ATTACK_FAMILIES.test(String(row.family)) &&
      !row.data &&
      !row.encoded_request &&
      headers.every(([name]) => PLAIN_HEADERS.test(name)) &&
      /^(?:OWASP CRS test agent|)$/.test(agent) &&
      !PLAIN_URI.test(uri)
    if (!inUri) return []
    return [
      { request: { target: uri, method: String(row.method ?? 'GET'), user_agent: agent }, label: String(row.family) },
    ]
  })
}

function lines(name: string): Record<string, unknown>[] {
  return readFileSync(dataFile('web', name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
