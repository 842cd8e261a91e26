import { type McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js'
import {
  ErrorCode,
  McpError,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { batchById, listBatches } from '../../queries/batches.ts'
import { countIncidents, listIncidents } from '../../queries/findings/incidents.ts'
import type { FaceDeps } from '../ports.ts'
import { reportMarkdown } from '../report/markdown.ts'
import { batchReport } from '../report/model.ts'
import { incidentBrief, incidentLine, UNTRUSTED } from './answer.ts'

const MAX_REPORT = 40_000
const RECENT = 20
const INCIDENTS = 'oddline://incidents'
const MAX_SUBSCRIPTIONS = 100
/** Interval at which subscribed resources are checked, ms. */
const LOOK_MS = 2000

/** Recent batches and open incidents as resources; a client may subscribe to them. */
export function batchResources(server: McpServer, deps: FaceDeps): void {
  const { db, clock } = deps
  const mimeType = 'text/markdown'
  const page = (uri: string, text: string) => ({
    contents: [{ uri, mimeType, text: `${UNTRUSTED}\n\n${text.slice(0, MAX_REPORT)}` }],
  })

  server.registerResource(
    'incidents',
    INCIDENTS,
    { title: 'Open incidents', description: 'What waits for a person, the latest changed first', mimeType },
    async (uri) => {
      const { items } = listIncidents(db, { status: 'open' }, { limit: 50 })
      return page(uri.href, items.map(incidentBrief).map(incidentLine).join('\n') || 'There are no open incidents.')
    },
  )

  const recent = () => listBatches(db, { limit: RECENT }).items
  server.registerResource(
    'batch',
    new ResourceTemplate('oddline://batches/{id}', {
      list: async () => ({
        resources: recent().map(({ id, startedAt, totals }) => ({
          uri: `oddline://batches/${id}`,
          name: `Batch ${id}`,
          description: `${new Date(startedAt).toISOString()}: ${totals.lines} lines, ${totals.findings.total} findings`,
          mimeType,
        })),
      }),
      complete: {
        id: (begun) =>
          recent()
            .map(({ id }) => id)
            .filter((id) => id.startsWith(begun)),
      },
    }),
    { title: 'Batch report', description: 'What a recent batch found', mimeType },
    async (uri, { id }) => {
      const batch = String(id)
      if (!batchById(db, batch)) throw unknown(uri.href)
      return page(uri.href, reportMarkdown(batchReport(db, batch, { now: clock.now() })))
    },
  )

  subscriptions(server, deps)
}

/** Checks the database every two seconds while there are subscriptions. */
function subscriptions(server: McpServer, { db }: FaceDeps): void {
  const watched = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined
  /** A text that differs when the resource has changed; undefined if there is no such resource. */
  const stateOf = (uri: string): string | undefined => {
    if (uri === INCIDENTS) {
      const [latest] = listIncidents(db, {}, { limit: 1 }).items
      return `${latest?.touchedAt ?? 0} ${countIncidents(db).open}`
    }
    const batch = /^oddline:\/\/batches\/(\w{1,64})$/.exec(uri)?.[1]
    const found = batch === undefined ? undefined : batchById(db, batch)
    return found && `${found.status} ${found.totals.lines} ${found.totals.findings.total}`
  }
  const look = () => {
    if (!server.isConnected()) return stop()
    for (const [uri, before] of watched) {
      const now = stateOf(uri) ?? ''
      if (now === before) continue
      watched.set(uri, now)
      server.server.sendResourceUpdated({ uri }).catch(stop)
    }
  }
  const stop = () => {
    clearInterval(timer)
    timer = undefined
    watched.clear()
  }

  server.server.registerCapabilities({ resources: { subscribe: true } })
  server.server.setRequestHandler(SubscribeRequestSchema, async ({ params: { uri } }) => {
    const state = stateOf(uri)
    if (state === undefined) throw unknown(uri)
    if (watched.size >= MAX_SUBSCRIPTIONS) throw new McpError(ErrorCode.InvalidRequest, 'Too many subscriptions.')
    watched.set(uri, state)
    timer ??= setInterval(look, LOOK_MS).unref()
    return {}
  })
  server.server.setRequestHandler(UnsubscribeRequestSchema, async ({ params: { uri } }) => {
    watched.delete(uri)
    if (watched.size === 0) stop()
    return {}
  })
}

/** The error that the protocol defines for an unknown resource. */
function unknown(uri: string): McpError {
  return new McpError(-32002, 'There is no such resource; resources/list lists them.', { uri })
}
