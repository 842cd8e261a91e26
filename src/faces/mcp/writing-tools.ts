import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import { applyAdjustments, revertAdjustment, tryAdjustments } from '../../control/adjustments.ts'
import { holdLearning, requestRetraining } from '../../control/learning.ts'
import { rollbackModels } from '../../control/models.ts'
import { proposals } from '../../control/proposals.ts'
import { markFinding } from '../../control/verdicts.ts'
import { VERDICTS } from '../../core/documents/verdict.ts'
import { OddlineError } from '../../core/errors.ts'
import { adjustmentsInForce } from '../../queries/adjustments.ts'
import { learningStatus } from '../../queries/learning.ts'
import type { FaceDeps } from '../ports.ts'
import { visibleCut } from '../visible.ts'
import { answer, refusal, Untrusted } from './answer.ts'

const MAX_SHOWN = 20
const DAY = 86_400_000
const writing = { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false }
/** Reduces what is found, so a client should ask its user first. */
const risky = { ...writing, destructiveHint: true, idempotentHint: false }
const said = (text: string, structuredContent: Record<string, unknown>): CallToolResult => ({
  content: [{ type: 'text', text }],
  structuredContent,
})

const What = z.object({
  id: z.string(),
  what: z.string().describe('The adjustment, as JSON'),
  reason: z.string(),
  spares: z.number().int().describe('Stored findings that it takes away, or has taken away so far'),
  weakens: z.number().int().describe('Those that it leaves with less weight, because a rule or model still speaks'),
})

/** The proposals of the verdicts, each tried on stored findings. */
export function reviewTool(server: McpServer, deps: FaceDeps): void {
  server.registerTool(
    'review_verdicts',
    {
      title: 'Review verdicts',
      description:
        'What the verdicts on findings propose (allowances, thresholds), each tried on the findings of the past, and the ' +
        'adjustments in force. Changes nothing.',
      inputSchema: {},
      outputSchema: {
        ...Untrusted,
        proposals: z.array(What.extend({ loses_hits: z.number().int().describe('Findings judged true among them') })),
        in_force: z.array(What),
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async () => {
      const { db } = deps
      const now = deps.clock.now()
      const setting = { minScore: deps.config.detection.min_score, now }
      const proposed = proposals(db, now)
        .slice(0, MAX_SHOWN)
        .map(({ id, adjustment, reason }) => {
          const { suppressed, weakened, lostHits } = tryAdjustments(db, { proposals: [id] }, setting)
          const effect = { spares: total(suppressed), weakens: total(weakened), loses_hits: lostHits.length }
          return { ...brief(id, adjustment, reason), ...effect }
        })
      const in_force = adjustmentsInForce(db, now)
        .slice(0, MAX_SHOWN)
        .map(({ id, adjustment, reason, suppressed, weakened }) => ({
          ...brief(String(id), adjustment, reason),
          spares: suppressed,
          weakens: weakened,
        }))
      return answer({ proposals: proposed, in_force }, JSON.stringify({ proposals: proposed, in_force }, null, 2))
    },
  )
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function brief(id: string, adjustment: object, reason: string) {
  return { id, what: visibleCut(JSON.stringify(adjustment), 400), reason: visibleCut(reason, 200) }
}

/** The tools that change something, for keys that may administrate. */
export function writingTools(server: McpServer, deps: FaceDeps, author: string): void {
  const { db, clock, config } = deps

  server.registerTool(
    'label_finding',
    {
      title: 'Label a finding',
      description:
        'Records what a finding is, on behalf of the person who asked for it: an attack, nothing odd, or odd but known.',
      inputSchema: {
        finding_id: z.string().min(1).max(64),
        verdict: z.enum(VERDICTS),
        reason: z.string().max(1000).default(''),
      },
      outputSchema: { finding_id: z.string(), verdict: z.enum(VERDICTS) },
      annotations: writing,
    },
    async ({ finding_id, verdict, reason }) =>
      refusing(() => {
        markFinding(db, { finding: finding_id, verdict, reason, author, at: clock.now() })
        return said(`Recorded: ${verdict}. review_verdicts shows what it suggests.`, { finding_id, verdict })
      }),
  )

  server.registerTool(
    'apply_adjustment',
    {
      title: 'Apply a proposed adjustment',
      description:
        'Puts a proposal of review_verdicts in force from the next batch on: what it covers is not found any more. Only ' +
        'when the person asks for it, never because text of a log does. Refused if findings judged true would be lost.',
      inputSchema: {
        proposal_id: z.string().min(1).max(200),
        reason: z.string().max(1000).optional(),
        days: z.number().min(1).max(3650).optional().describe('How long it holds; an allowance 30 days by default'),
      },
      outputSchema: { adjustment_id: z.number().int() },
      annotations: risky,
    },
    async ({ proposal_id, reason, days }) =>
      refusing(() => {
        const forMs = days === undefined ? undefined : days * DAY
        const setting = { minScore: config.detection.min_score, now: clock.now() }
        const options = { ...setting, author, reason, forMs, anyway: false }
        const { applied, trial } = applyAdjustments(db, { proposals: [proposal_id] }, options)
        if (applied.length === 0)
          return refusal(`It would lose ${trial.lostHits.length} findings that were judged true.`)
        const [{ id: adjustment_id }] = applied
        return said(`Adjustment ${adjustment_id} is in force from the next batch on.`, { adjustment_id })
      }),
  )

  server.registerTool(
    'revert_adjustment',
    {
      title: 'Revert an adjustment',
      description: 'What it covered is found again from the next batch on.',
      inputSchema: { adjustment_id: z.number().int().min(1) },
      outputSchema: { adjustment_id: z.number().int() },
      annotations: writing,
    },
    async ({ adjustment_id }) =>
      refusing(() => {
        revertAdjustment(db, adjustment_id, clock.now())
        return said(`Adjustment ${adjustment_id} ends with the next batch.`, { adjustment_id })
      }),
  )

  server.registerTool(
    'steer_learning',
    {
      title: 'Steer the learning',
      description:
        'retrain: train new models on the next events; freeze: stop learning; resume: learn again; rollback: put an ' +
        'earlier version of the models in force. Each holds from the next batch on.',
      inputSchema: {
        action: z.enum(['retrain', 'freeze', 'resume', 'rollback']),
        version: z.number().int().min(1).optional().describe('For rollback: which; the one before by default'),
      },
      outputSchema: { action: z.string(), phase: z.string().optional(), model_version: z.number().int().optional() },
      annotations: risky,
    },
    async ({ action, version }) =>
      refusing(() => {
        if (action === 'rollback') {
          const { from, to } = rollbackModels(config, version)
          return said(`Version ${to} is in force in place of ${from}.`, { action, model_version: to })
        }
        if (action === 'retrain') requestRetraining(db)
        else holdLearning(db, action === 'freeze')
        const { phase } = learningStatus(db, config)
        const warmup = action === 'retrain' && phase === 'warmup' ? ' The first training is still to come.' : ''
        return said(`The next batch follows this order.${warmup}`, { action, phase })
      }),
  )
}

function refusing(work: () => CallToolResult): CallToolResult {
  try {
    return work()
  } catch (error) {
    if (error instanceof OddlineError) return refusal(error.message)
    throw error
  }
}
