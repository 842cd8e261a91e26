import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AnalysisPages } from '../../mcp/analysis-tools.ts'
import { createMcpServer, type McpOptions } from '../../mcp/server.ts'
import { McpSessions } from '../../mcp/sessions.ts'
import type { Api, ApiDeps } from '../api.ts'
import { Problem } from '../problem.ts'

/** MCP over streamable HTTP. The scopes of the key decide which tools exist. */
export function mcpRoutes(
  app: Api,
  deps: ApiDeps,
  create: (options: McpOptions) => McpServer = (options) => createMcpServer(deps, options),
): void {
  const pages = new AnalysisPages()
  const sessions = new McpSessions(deps.clock)
  const serverFor = ({ scopes, caller }: FastifyRequest) => create({ scopes, author: caller, pages })
  const options = { config: { scope: 'analyse' }, schema: { hide: true } } as const

  app.post('/mcp', options, async (request, reply) => {
    const { raw, body, caller } = request
    const session = sessionOf(request)
    await answering(request, reply, () => {
      if (session) return sessions.go(session, raw, reply.raw, body)
      if (isInitializeRequest(body)) return sessions.open(serverFor(request), caller, raw, reply.raw, body)
      return sessions.answer(serverFor(request), raw, reply.raw, body)
    })
  })

  for (const method of ['GET', 'DELETE'] as const) {
    app.route({
      method,
      url: '/mcp',
      ...options,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const session = sessionOf(request)
        if (!session) {
          reply.header('allow', 'POST')
          throw new Problem('METHOD_NOT_ALLOWED', 'This is for a session; POST an `initialize` request to open one.')
        }
        await answering(request, reply, () => sessions.go(session, request.raw, reply.raw))
      },
    })
  }

  app.addHook('preClose', () => sessions.close())

  /** @throws Problem NOT_FOUND for a session that has ended; the client then opens another */
  function sessionOf(request: FastifyRequest) {
    const id = request.headers['mcp-session-id']
    if (id === undefined) return undefined
    const session = sessions.find(String(id), request.caller)
    if (!session) throw new Problem('NOT_FOUND', 'This session is over; open another with `initialize`.')
    return session
  }

  /** The MCP transport writes the answer itself, so the common headers are set on the raw response. */
  async function answering(request: FastifyRequest, reply: FastifyReply, work: () => Promise<void>): Promise<void> {
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value!)
    try {
      await work()
    } catch (error) {
      deps.onFailure(request.id, error)
      if (!reply.raw.headersSent) {
        reply.raw.writeHead(500, { 'content-type': 'application/json' })
        reply.raw.end('{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"Internal error"}}')
      } else reply.raw.end()
    }
  }
}
