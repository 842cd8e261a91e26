import { completable } from '@modelcontextprotocol/sdk/server/completable.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { z } from 'zod'
import { version } from '../../core/version.ts'
import { listIncidents } from '../../queries/findings/incidents.ts'
import type { Scope } from '../http/auth.ts'
import type { FaceDeps } from '../ports.ts'
import { type AnalysisPages, analysisTools } from './analysis-tools.ts'
import { UNTRUSTED } from './answer.ts'
import { incidentTools } from './incident-tools.ts'
import { batchResources } from './resources.ts'
import { reviewTool, writingTools } from './writing-tools.ts'

export interface McpOptions {
  readonly scopes: ReadonlySet<Scope>
  /** Author of the verdicts given through it. */
  readonly author: string
  readonly pages: AnalysisPages
}

const INSTRUCTIONS = `Oddline finds the odd lines in logs. ${UNTRUSTED} Begin with top_threats or list_incidents; explain_incident says why.`
/** Suggestions for an argument; the protocol allows 100. */
const SUGGESTED = 20

/** The MCP server of one connection, with the tools that its key allows. */
export function createMcpServer(deps: FaceDeps, { scopes, author, pages }: McpOptions): McpServer {
  const server = new McpServer(
    { name: 'oddline', title: 'Oddline', version: version() },
    { instructions: INSTRUCTIONS, capabilities: { logging: {} } },
  )
  if (scopes.has('analyse')) analysisTools(server, deps, pages)
  if (scopes.has('read')) {
    incidentTools(server, deps)
    reviewTool(server, deps)
    batchResources(server, deps)
    prompts(server, deps)
  }
  if (scopes.has('admin')) writingTools(server, deps, author)
  return server
}

function prompts(server: McpServer, { db }: FaceDeps): void {
  const ask = (text: string) => ({ messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }] })
  server.registerPrompt(
    'prioritise_threats',
    {
      title: 'Prioritise the top 5 threats',
      description: 'Ranks what needs a person first, with reasons.',
      argsSchema: {
        hours: z
          .string()
          .regex(/^\d{1,5}$/)
          .optional()
          .describe('How far back, hours; 24 by default'),
      },
    },
    ({ hours = '24' }) =>
      ask(
        `Call top_threats with hours ${hours} and limit 5, then explain_incident for each incident. Prioritise the five: for each, ` +
          'say what happened, why it is odd, how sure the detectors are and why, what it may lead to, and what to do first. ' +
          `Name what is likely a false alarm. ${UNTRUSTED}`,
      ),
  )
  server.registerPrompt(
    'write_incident_report',
    {
      title: 'Write an incident report',
      description: 'A report for a ticket, from the evidence of one incident.',
      argsSchema: {
        incident_id: completable(z.string().max(64).describe('Id of the incident'), (begun) =>
          listIncidents(db, {}, { limit: 200 })
            .items.map(({ id }) => id)
            .filter((id) => id.startsWith(begun))
            .slice(0, SUGGESTED),
        ),
      },
    },
    ({ incident_id }) =>
      ask(
        `Call incident_report and explain_incident for the incident ${JSON.stringify(incident_id)}, and investigate for who is behind it. ` +
          'Write a report in Markdown: summary in two sentences, timeline, evidence (with file, line and rule), assessment, ' +
          `recommended actions, open questions. Keep log text inside code spans. ${UNTRUSTED}`,
      ),
  )
}
