import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { AnalysisPages } from '../../mcp/analysis-tools.ts'
import { createMcpServer } from '../../mcp/server.ts'
import type { Api } from '../api.ts'
import { Problem } from '../problem.ts'
import type { ApiDeps } from '../server.ts'

/**
 * MCP over streamable HTTP, without sessions: every request stands alone, so that nothing is kept for clients that went
 * away and any process of the state directory can answer. The key decides which tools there are.
 */
export function mcpRoutes(app: Api, deps: ApiDeps): void {
  const pages = new AnalysisPages()

  app.post('/mcp', { config: { scope: 'analyse' }, schema: { hide: true } }, async (request, reply) => {
    const server = createMcpServer(deps, { scopes: request.scopes, author: request.caller, pages })
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true })
    reply.hijack()
    reply.raw.on('close', () => {
      void transport.close()
      void server.close()
    })
    try {
      await server.connect(transport)
      await transport.handleRequest(request.raw, reply.raw, request.body)
    } catch (error) {
      deps.onFailure(request.id, error)
      if (!reply.raw.headersSent) {
        reply.raw.writeHead(500, { 'content-type': 'application/json' })
        reply.raw.end('{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"Internal error"}}')
      } else reply.raw.end()
    }
  })

  for (const method of ['GET', 'DELETE'] as const) {
    app.route({
      method,
      url: '/mcp',
      config: { scope: 'analyse' },
      schema: { hide: true },
      exposeHeadRoute: false,
      handler: async (_, reply) => {
        reply.header('allow', 'POST')
        throw new Problem(
          'METHOD_NOT_ALLOWED',
          'This server keeps no sessions and starts no streams; POST each message.',
        )
      },
    })
  }
}
