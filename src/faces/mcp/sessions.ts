import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { SteadyClock } from '../../core/clock.ts'
import { EventLog } from './event-log.ts'

/** A session without a message for this long ends, ms. */
const IDLE_MS = 30 * 60_000
const MAX_SESSIONS = 64
/** Delay after which a client may resume a closed stream, ms. */
const RETRY_MS = 1000
/** Interval of keep-alive messages, ms; shorter than the timeouts of common proxies. */
const KEEP_ALIVE_MS = 15_000

interface Session {
  readonly caller: string
  readonly server: McpServer
  readonly transport: StreamableHTTPServerTransport
  usedAt: number
  /** Open streams for messages of the server; a session with one is in use. */
  streams: number
}

/**
 * MCP over streamable HTTP. A client that opens with `initialize` gets a session, in which the server can report progress
 * and changes, ask back, and resume a broken stream; any other request stands alone and leaves nothing behind. A session
 * belongs to the key that opened it, ends after half an hour of silence. Beyond 64, one of the key
 * that has most gives way, so that no key ends the sessions of others.
 */
export class McpSessions {
  readonly #clock: SteadyClock
  readonly #sessions = new Map<string, Session>()

  constructor(clock: SteadyClock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#sessions.size
  }

  /** The session of this id, if the caller opened it. */
  find(id: string, caller: string): Session | undefined {
    this.#expire(MAX_SESSIONS)
    const session = this.#sessions.get(id)
    if (session?.caller !== caller) return undefined
    session.usedAt = this.#clock.monotonic()
    return session
  }

  /** Answers a request of a session. */
  async go(session: Session, ...[request, response, body]: Exchange): Promise<void> {
    if (request.method === 'GET') {
      session.streams++
      response.on('close', () => {
        session.streams--
        session.usedAt = this.#clock.monotonic()
      })
    }
    await session.transport.handleRequest(request, response, body)
  }

  /** Answers `initialize` and opens a session. */
  async open(server: McpServer, caller: string, ...[request, response, body]: Exchange): Promise<void> {
    this.#expire(MAX_SESSIONS - 1)
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      eventStore: new EventLog(),
      retryInterval: RETRY_MS,
      keepAliveMs: KEEP_ALIVE_MS,
      onsessioninitialized: (id) => {
        this.#sessions.set(id, { caller, server, transport, usedAt: this.#clock.monotonic(), streams: 0 })
      },
    })
    server.server.onclose = () => {
      if (transport.sessionId) this.#sessions.delete(transport.sessionId)
    }
    await server.connect(transport)
    await transport.handleRequest(request, response, body)
    if (!transport.sessionId) await server.close()
  }

  /** Answers one request without a session. */
  async answer(server: McpServer, ...[request, response, body]: Exchange): Promise<void> {
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true })
    response.on('close', () => void server.close())
    await server.connect(transport)
    await transport.handleRequest(request, response, body)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(({ server }) => server.close()))
  }

  /** Ends idle sessions and, beyond `room`, those idle longest of the key that has most. */
  #expire(room: number): void {
    for (const { server, usedAt, streams } of this.#sessions.values())
      if (streams === 0 && this.#clock.monotonic() - usedAt > IDLE_MS) void server.close()
    while (this.#sessions.size > room) {
      const counts = new Map<string, number>()
      for (const { caller } of this.#sessions.values()) counts.set(caller, (counts.get(caller) ?? 0) + 1)
      const most = Math.max(...counts.values())
      const [[id, { server }]] = [...this.#sessions]
        .filter(([, { caller }]) => counts.get(caller) === most)
        .sort(([, a], [, b]) => a.streams - b.streams || a.usedAt - b.usedAt)
      this.#sessions.delete(id)
      void server.close()
    }
  }
}

type Exchange = [request: IncomingMessage, response: ServerResponse, body?: unknown]
