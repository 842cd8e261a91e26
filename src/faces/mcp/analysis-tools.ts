import { randomUUID } from 'node:crypto'
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import type { Analysis } from '../../core/documents/analysis.ts'
import { SEVERITIES } from '../../core/documents/severity.ts'
import { OddlineError } from '../../core/errors.ts'
import { allowedPath } from '../allowed-path.ts'
import { limitedAnalysis } from '../limited-analysis.ts'
import type { FaceDeps } from '../ports.ts'
import { answer, FindingBrief, findingBrief, findingLine, refusal, Untrusted } from './answer.ts'

const PAGE = 20
const MAX_FINDINGS = 200
const MAX_TEXT = 5_000_000

const AnalysisOutput = {
  ...Untrusted,
  lines: z.number().int(),
  understood: z.number().int(),
  not_understood: z.number().int(),
  format: z.string(),
  phase: z.string(),
  anomalies_detected: z.number().int(),
  severity_counts: z.record(z.enum(SEVERITIES), z.number().int()),
  anomalies: z.array(FindingBrief),
  problems: z.array(z.string()),
  next_cursor: z.string().nullable().describe('Give it back to see the next anomalies'),
}

/** Keeps the latest analyses, so that a cursor needs no second analysis. */
export class AnalysisPages {
  readonly #kept = new Map<string, Analysis>()

  keep(analysis: Analysis): string {
    const id = randomUUID()
    this.#kept.set(id, analysis)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > 16) this.#kept.delete(oldest)
    return id
  }

  page(cursor: string): CallToolResult {
    const [id, from] = cursor.split(':')
    const analysis = this.#kept.get(id)
    if (!analysis) return refusal('This cursor has expired. Analyse the logs again.')
    return this.#show(id, analysis, Number(from) || 0)
  }

  first(analysis: Analysis): CallToolResult {
    return this.#show(this.keep(analysis), analysis, 0)
  }

  #show(id: string, analysis: Analysis, from: number): CallToolResult {
    const ranked = [...analysis.findings].sort((a, b) => b.oddline.score - a.oddline.score)
    const shown = ranked.slice(from, from + PAGE).map(findingBrief)
    const next = from + PAGE < ranked.length ? `${id}:${from + PAGE}` : null
    const structured = {
      lines: analysis.lines,
      understood: analysis.parsed,
      not_understood: analysis.rejected,
      format: analysis.format,
      phase: analysis.phase,
      anomalies_detected: analysis.found,
      severity_counts: { ...analysis.bySeverity },
      anomalies: shown,
      problems: analysis.problems.slice(0, 10).map(({ kind, detail }) => `${kind}: ${detail}`.slice(0, 300)),
      next_cursor: next,
    }
    const severities = SEVERITIES.filter((one) => analysis.bySeverity[one] > 0).map(
      (one) => `${analysis.bySeverity[one]} ${one}`,
    )
    const head = `${analysis.lines} lines (${analysis.format}), ${analysis.rejected} not understood; ${analysis.found} anomalies${severities.length > 0 ? ` (${severities.reverse().join(', ')})` : ''}.`
    const more = next ? `\n\nMore: call again with cursor ${next}.` : ''
    return answer(structured, `${head}\n${shown.map(findingLine).join('\n')}${more}`)
  }
}

/** Tools that judge the logs given to them. */
export function analysisTools(server: McpServer, deps: FaceDeps, pages: AnalysisPages): void {
  const { analyzer, config } = deps
  const limits = { maxBytes: config.api.max_file_bytes, maxFindings: MAX_FINDINGS }
  const readOnly = { readOnlyHint: true, openWorldHint: false }

  server.registerTool(
    'load_anomaly_models',
    {
      title: 'Load the anomaly models',
      description: 'Loads the newest rules and models and says which detectors are ready.',
      inputSchema: {},
      outputSchema: {
        phase: z.string(),
        rules: z.number().int(),
        isolation_forest_ready: z.boolean(),
        transformer_ready: z.boolean(),
        model_version: z.number().int().nullable(),
      },
      annotations: { ...readOnly, idempotentHint: true },
    },
    async () => {
      const { phase, active, model, rules } = await analyzer.refresh()
      const structured = {
        phase,
        rules: rules.length,
        isolation_forest_ready: active.isolation_forest,
        transformer_ready: active.transformer,
        model_version: model.version,
      }
      const yes = (ready: boolean) => (ready ? 'ready' : 'not trained yet')
      const text = `Phase ${phase}. ${rules.length} rules; isolation forest ${yes(active.isolation_forest)}; transformer ${yes(active.transformer)}; model version ${model.version ?? 'none'}.`
      return { content: [{ type: 'text', text }], structuredContent: structured }
    },
  )

  server.registerTool(
    'analyze_logs',
    {
      title: 'Analyse logs',
      description:
        'Finds anomalies in logs given as text: JSON (array or lines) or CSV of security events, access logs, auth logs. ' +
        'Nothing is recorded. With `cursor`, shows more anomalies of an earlier analysis.',
      inputSchema: {
        logs: z.string().max(MAX_TEXT).optional().describe('The logs, as text'),
        format: z.enum(['auto', 'json', 'csv', 'text']).default('auto').describe('Format of the text; auto detects it'),
        cursor: z.string().max(100).optional(),
      },
      outputSchema: AnalysisOutput,
      annotations: readOnly,
    },
    async ({ logs, format, cursor }, { signal }) => {
      if (cursor) return pages.page(cursor)
      if (!logs?.trim()) return refusal('Give the logs as text in `logs`.')
      const name = { auto: 'logs', json: 'logs.json', csv: 'logs.csv', text: 'logs.log' }[format]
      return guarded(async () =>
        pages.first(await limitedAnalysis(deps, { ...limits, logs: { text: logs, name } }, signal)),
      )
    },
  )

  server.registerTool(
    'analyze_log_file',
    {
      title: 'Analyse a log file',
      description:
        'Finds anomalies in a log file of this host. The path lies below the log directory or another directory that the ' +
        'operator has allowed; symbolic links are refused.',
      inputSchema: { path: z.string().min(1).max(4096), cursor: z.string().max(100).optional() },
      outputSchema: AnalysisOutput,
      annotations: readOnly,
    },
    async ({ path, cursor }, { signal }) => {
      if (cursor) return pages.page(cursor)
      const allowed = allowedPath(config, path)
      if ('refused' in allowed) return refusal(allowed.refused)
      return guarded(async () =>
        pages.first(await limitedAnalysis(deps, { ...limits, logs: { path: allowed.path } }, signal)),
      )
    },
  )

  server.registerTool(
    'try_rule',
    {
      title: 'Try a Sigma rule',
      description: 'Dry run: which of the given log lines would this Sigma rule (YAML) find? Nothing is kept.',
      inputSchema: {
        rule: z.string().min(1).max(65_536).describe('The rule as YAML'),
        logs: z.string().min(1).max(MAX_TEXT),
      },
      outputSchema: AnalysisOutput,
      annotations: readOnly,
    },
    async ({ rule, logs }, { signal }) =>
      guarded(async () =>
        pages.first(await limitedAnalysis(deps, { ...limits, logs: { text: logs, name: 'logs' }, rule }, signal)),
      ),
  )
}

async function guarded(work: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OddlineError) return refusal(error.message)
    throw error
  }
}
