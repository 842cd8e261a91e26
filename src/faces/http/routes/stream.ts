import type { ServerResponse } from 'node:http'
import { countIncidents, listIncidents } from '../../../queries/findings/incidents.ts'
import { learningStatus } from '../../../queries/learning.ts'
import { type Api, type ApiDeps, answerOf, refusals } from '../api.ts'
import { Problem } from '../problem.ts'
import { incidentJson } from './incidents.ts'

const POLL_MS = 1000
const KEEP_ALIVE_MS = 15_000
const MAX_LISTENERS = 256
/** Listeners with one key, so that no key takes all places. */
const MAX_OF_A_KEY = 64
/** A listener with this many unread bytes is disconnected, so that it cannot fill our memory. */
const MAX_BACKLOG = 256 * 1024

/**
 * Sends incidents as server-sent events when they change. One query a second serves all listeners; without listeners
 * there is none. It reads the database, so it works in any process.
 */
export function streamRoutes(app: Api, { db, config, clock }: ApiDeps): void {
  /** Each with the name of its key. */
  const listeners = new Map<ServerResponse, string>()
  let seen = 0
  let phase = ''
  let spoke = 0
  let timer: NodeJS.Timeout | undefined

  app.get(
    '/events',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['findings'],
        summary: 'Incidents as they open and change (text/event-stream)',
        description:
          'Events: `incident` with an incident, `phase` with {phase}, `open` with {open, bySeverity} at the start.',
        response: { 200: answerOf('Server-sent events', 'text/event-stream'), ...refusals() },
      },
    },
    (request, reply) => {
      const { caller } = request
      const ofKey = [...listeners.values()].filter((key) => key === caller).length
      if (listeners.size >= MAX_LISTENERS || ofKey >= MAX_OF_A_KEY)
        throw new Problem('UNAVAILABLE', 'Too many clients listen already. Try again later.', { retryAfter: 30 })
      reply.hijack()
      const response = reply.raw
      const { 'access-control-allow-origin': origin, vary } = reply.getHeaders()
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-request-id': request.id,
        ...(origin !== undefined && { 'access-control-allow-origin': String(origin), vary: String(vary ?? 'Origin') }),
      })
      if (request.method === 'HEAD') {
        response.end()
        return
      }
      response.write(message('open', countIncidents(db)))
      response.on('close', () => {
        listeners.delete(response)
        if (listeners.size === 0) stop()
      })
      listeners.set(response, caller)
      timer ??= start()
    },
  )

  app.addHook('preClose', async () => {
    stop()
    for (const listener of listeners.keys()) listener.end()
  })

  function start(): NodeJS.Timeout {
    seen = clock.now()
    phase = learningStatus(db, config).phase
    const ticking = setInterval(look, POLL_MS)
    ticking.unref()
    return ticking
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  function look(): void {
    const now = clock.now()
    // A clock that was set back would hide what changes until it has caught up.
    seen = Math.min(seen, now)
    const changed = listIncidents(db, { touchedSince: seen }, { limit: 200 }).items
    for (const incident of [...changed].reverse()) {
      if (incident.touchedAt > now) continue
      seen = Math.max(seen, incident.touchedAt)
      tell(message('incident', incidentJson(incident, null)))
    }
    const { phase: current } = learningStatus(db, config)
    if (current !== phase) tell(message('phase', { phase: current }))
    phase = current
    if (performance.now() - spoke >= KEEP_ALIVE_MS) tell(': still here\n\n')
  }

  function tell(text: string): void {
    spoke = performance.now()
    for (const listener of listeners.keys()) {
      if (listener.writableLength > MAX_BACKLOG) listener.destroy()
      else listener.write(text)
    }
  }
}

function message(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
