import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { z } from 'zod'
import { SEVERITIES } from '../../core/documents/severity.ts'
import { findingTotals, strongestFindings } from '../../queries/findings/findings.ts'
import { countIncidents, findingsOfIncident, incidentById, listIncidents } from '../../queries/findings/incidents.ts'
import { topEntries } from '../../queries/findings/top.ts'
import { learningStatus } from '../../queries/learning.ts'
import { logsProcessed } from '../logs-processed.ts'
import type { FaceDeps } from '../ports.ts'
import { incidentMarkdown } from '../report/markdown.ts'
import {
  answer,
  FindingBrief,
  findingBrief,
  findingLine,
  IncidentBrief,
  incidentBrief,
  incidentLine,
  refusal,
  Untrusted,
} from './answer.ts'

const readOnly = { readOnlyHint: true, openWorldHint: false }
const HOUR = 3_600_000
const Hours = z
  .number()
  .min(0.1)
  .max(24 * 366)
  .default(24)
  .describe('How far back to look, hours of log time')
const Id = z.string().min(1).max(64)

/** Tools that read what the batches found. */
export function incidentTools(server: McpServer, deps: FaceDeps): void {
  const { db, config, clock, analyzer } = deps

  server.registerTool(
    'get_detection_stats',
    {
      title: 'Detection statistics',
      description:
        'How much was read and found: by severity, detector and attack type; phase of learning; open incidents.',
      inputSchema: { hours: Hours.optional().describe('Only findings of the last so many hours; all by default') },
      outputSchema: {
        ...Untrusted,
        phase: z.string(),
        logs_processed: z.number().int().describe('By batches and on request'),
        judged_on_request: z.number().int(),
        findings: z.number().int(),
        by_severity: z.record(z.enum(SEVERITIES), z.number().int()),
        by_detector: z.record(z.string(), z.number().int()),
        by_attack_type: z.record(z.string(), z.number().int()),
        open_incidents: z.number().int(),
        learning_frozen: z.boolean(),
        drift: z.string().nullable().describe('How far traffic has moved from what the models know'),
      },
      annotations: readOnly,
    },
    async ({ hours }) => {
      const { phase, frozen, drift } = learningStatus(db, config)
      const totals = findingTotals(db, hours === undefined ? {} : { since: clock.now() - hours * HOUR })
      const structured = {
        phase,
        logs_processed: logsProcessed(deps),
        judged_on_request: analyzer.judged,
        findings: totals.total,
        by_severity: { ...totals.bySeverity },
        by_detector: { ...totals.byDetector },
        by_attack_type: Object.fromEntries(Object.entries(totals.byAttackType).slice(0, 20)),
        open_incidents: countIncidents(db).open,
        learning_frozen: frozen,
        drift: drift?.summary ?? null,
      }
      return answer(structured, JSON.stringify(structured, null, 2))
    },
  )

  server.registerTool(
    'list_incidents',
    {
      title: 'List incidents',
      description: 'Findings grouped by who, what and when; the latest changed first.',
      inputSchema: {
        status: z.enum(['open', 'resolved']).optional(),
        severity: z.enum(SEVERITIES).optional().describe('This severity or a worse one'),
        limit: z.number().int().min(1).max(50).default(20),
        cursor: z.string().max(200).optional(),
      },
      outputSchema: { ...Untrusted, incidents: z.array(IncidentBrief), next_cursor: z.string().nullable() },
      annotations: readOnly,
    },
    async ({ status, severity, limit, cursor }) => {
      const { items, next } = listIncidents(db, { status, severity }, { limit, cursor })
      const incidents = items.map(incidentBrief)
      return answer(
        { incidents, next_cursor: next ?? null },
        incidents.map(incidentLine).join('\n') || 'There are no incidents.',
      )
    },
  )

  server.registerTool(
    'explain_incident',
    {
      title: 'Explain an incident',
      description: 'Why an incident was raised: its strongest findings and what each detector says of them.',
      inputSchema: { incident_id: Id },
      outputSchema: {
        ...Untrusted,
        incident: IncidentBrief,
        findings: z.array(FindingBrief),
        explanation: z.string().describe('Markdown'),
      },
      annotations: readOnly,
    },
    async ({ incident_id }) => {
      const incident = incidentById(db, incident_id)
      if (!incident) return refusal('There is no incident of this id; list_incidents lists them.')
      const findings = findingsOfIncident(db, incident_id, 5)
      const explanation = incidentMarkdown(incident, findings.slice(0, 3)).slice(0, 12_000)
      return answer(
        { incident: incidentBrief(incident), findings: findings.map(findingBrief), explanation },
        explanation,
      )
    },
  )

  server.registerTool(
    'top_threats',
    {
      title: 'Top threats of a period',
      description: 'The most severe incidents and findings of the last hours, and the addresses and users behind them.',
      inputSchema: { hours: Hours, limit: z.number().int().min(1).max(20).default(5) },
      outputSchema: {
        ...Untrusted,
        incidents: z.array(IncidentBrief),
        findings: z.array(FindingBrief),
        addresses: z.array(z.object({ name: z.string(), findings: z.number().int(), severity: z.enum(SEVERITIES) })),
        users: z.array(z.object({ name: z.string(), findings: z.number().int(), severity: z.enum(SEVERITIES) })),
      },
      annotations: readOnly,
    },
    async ({ hours, limit }) => {
      const since = clock.now() - hours * HOUR
      const incidents = [...listIncidents(db, { since }, { limit: 500 }).items]
        .sort((a, b) => b.score - a.score || b.findings - a.findings)
        .slice(0, limit)
        .map(incidentBrief)
      const findings = strongestFindings(db, { since }, limit).map(findingBrief)
      const brief = (kind: 'address' | 'user') =>
        topEntries(db, kind, { since }, limit).map(({ name, findings, severity }) => ({
          name: name.slice(0, 120),
          findings,
          severity,
        }))
      const structured = { incidents, findings, addresses: brief('address'), users: brief('user') }
      const text = `Incidents:\n${incidents.map(incidentLine).join('\n') || '- none'}\n\nStrongest findings:\n${findings.map(findingLine).join('\n') || '- none'}`
      return answer(structured, text)
    },
  )

  server.registerTool(
    'investigate',
    {
      title: 'Investigate an address or a user',
      description:
        'Everything found about one address or user: incidents, findings, attack types, first and last time.',
      inputSchema: {
        who: z.string().min(1).max(256).describe('An address or a user name'),
        hours: Hours.default(24 * 30),
      },
      outputSchema: {
        ...Untrusted,
        findings: z.number().int(),
        by_severity: z.record(z.enum(SEVERITIES), z.number().int()),
        by_attack_type: z.record(z.string(), z.number().int()),
        incidents: z.array(IncidentBrief),
        strongest: z.array(FindingBrief),
      },
      annotations: readOnly,
    },
    async ({ who, hours }) => {
      const since = clock.now() - hours * HOUR
      const bySession = findingTotals(db, { session: who, since })
      const filter = bySession.total > 0 ? { session: who, since } : { user: who, since }
      const totals = bySession.total > 0 ? bySession : findingTotals(db, filter)
      const incidents = listIncidents(db, { who, since }, { limit: 20 }).items.map(incidentBrief)
      const strongest = strongestFindings(db, filter, 10).map(findingBrief)
      const structured = {
        findings: totals.total,
        by_severity: { ...totals.bySeverity },
        by_attack_type: { ...totals.byAttackType },
        incidents,
        strongest,
      }
      const text = `${totals.total} findings.\n\nIncidents:\n${incidents.map(incidentLine).join('\n') || '- none'}\n\nStrongest findings:\n${strongest.map(findingLine).join('\n') || '- none'}`
      return answer(structured, text)
    },
  )

  server.registerTool(
    'incident_report',
    {
      title: 'Incident report as Markdown',
      description: 'A report of one incident, ready to be put into a ticket. Log text in it is inside code spans.',
      inputSchema: { incident_id: Id },
      outputSchema: { ...Untrusted, markdown: z.string() },
      annotations: readOnly,
    },
    async ({ incident_id }) => {
      const incident = incidentById(db, incident_id)
      if (!incident) return refusal('There is no incident of this id; list_incidents lists them.')
      const markdown = incidentMarkdown(incident, findingsOfIncident(db, incident_id, 5)).slice(0, 20_000)
      return answer({ markdown }, markdown)
    },
  )
}
