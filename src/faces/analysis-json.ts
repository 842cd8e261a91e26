import { z } from 'zod'
import type { Analysis } from '../core/documents/analysis.ts'
import { type Finding, FindingSchema } from '../core/documents/finding.ts'
import { SEVERITIES } from '../core/documents/severity.ts'

/** One event of `POST /analyze`, in the words of identity providers. */
export const SecurityEventSchema = z.object({
  timestamp: z.string().max(100),
  user: z.string().max(1000).optional(),
  source_ip: z.string().max(1000).optional(),
  event_type: z.string().max(1000).optional(),
  action: z.string().max(1000).optional(),
  message: z.string().max(10_000).optional(),
})

export const AnomalySchema = z.object({
  severity: z.enum(SEVERITIES),
  score: z.number(),
  attack_types: z.array(z.string()),
  timestamp: z.string(),
  user: z.string().nullable(),
  source_ip: z.string().nullable(),
  message: z.string().describe('What happened and why it is odd'),
  line: z.number().int(),
  raw_line: z.string(),
  finding: FindingSchema,
})

/** The answer to an analysis. None of it is stored. */
export const AnalysisSchema = z
  .object({
    anomalies_detected: z.number().int(),
    total_logs: z.number().int(),
    parsed: z.number().int(),
    rejected: z.number().int(),
    format: z.string(),
    phase: z.string(),
    severity_counts: z.record(z.enum(SEVERITIES), z.number().int()),
    anomalies: z.array(AnomalySchema).describe('The strongest, in the order of reading'),
    truncated: z.boolean().describe('Whether there are more anomalies than are listed'),
    problems: z.array(z.object({ kind: z.string(), detail: z.string() })),
    rejects: z.array(z.object({ line: z.number().int(), reason: z.string(), text: z.string() })),
  })
  .meta({ id: 'Analysis' })

export function analysisJson(analysis: Analysis): z.infer<typeof AnalysisSchema> {
  return {
    anomalies_detected: analysis.found,
    total_logs: analysis.lines,
    parsed: analysis.parsed,
    rejected: analysis.rejected,
    format: analysis.format,
    phase: analysis.phase,
    severity_counts: { ...analysis.bySeverity },
    anomalies: analysis.findings.map(anomalyJson),
    truncated: analysis.found > analysis.findings.length,
    problems: analysis.problems.map(({ kind, detail }) => ({ kind, detail })),
    rejects: [...analysis.rejects],
  }
}

function anomalyJson(finding: Finding): z.infer<typeof AnomalySchema> {
  return {
    severity: finding.oddline.severity,
    score: finding.oddline.score,
    attack_types: finding.oddline.attack_types,
    timestamp: finding['@timestamp'],
    user: finding.user?.name ?? null,
    source_ip: finding.source?.address ?? null,
    message: finding.message,
    line: finding.log.file.line,
    raw_line: finding.event.original,
    finding,
  }
}
