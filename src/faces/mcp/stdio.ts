import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import type { FaceDeps } from '../ports.ts'
import { AnalysisPages } from './analysis-tools.ts'
import { createMcpServer } from './server.ts'

/**
 * Serves one client over standard input and output until it goes away or `stop` aborts. A client that can start this
 * process may do everything.
 */
export async function serveStdio(deps: FaceDeps, stop: AbortSignal): Promise<void> {
  const scopes = new Set(['read', 'analyse', 'admin'] as const)
  const server = createMcpServer(deps, { scopes, author: 'mcp', pages: new AnalysisPages() })
  const closed = new Promise<void>((resolve) => {
    server.server.onclose = resolve
    process.stdin.once('end', resolve)
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })
  await server.connect(new StdioServerTransport())
  await closed
  await server.close()
}
