import type { Command } from 'commander'
import { applyAdjustments, revertAdjustment, tryAdjustments, type Wanted } from '../../../control/adjustments.ts'
import type { Backtest, VerdictCounts } from '../../../control/backtest.ts'
import { type Proposal, proposals } from '../../../control/proposals.ts'
import type { Adjustment } from '../../../core/documents/adjustment.ts'
import { OddlineError } from '../../../core/errors.ts'
import { type AdjustmentItem, listAdjustments } from '../../../queries/adjustments.ts'
import type { State } from '../../../queries/state.ts'
import { visibleCut } from '../../visible.ts'
import { plainTable } from '../table.ts'
import { type DeliveryContext, durationArgument, idArgument, timeText, withState } from '../upkeep/delivery-context.ts'

export interface VerdictsContext extends DeliveryContext {
  /** Score from which an event is a finding. */
  minScore(): number
}

/** Flags of an adjustment that no verdict proposed. */
interface Own {
  readonly rule?: string[]
  readonly model?: ('isolation_forest' | 'transformer')[]
  readonly client?: string
  readonly user?: string
  readonly target?: string
  readonly threshold?: string
}

type ApplyFlags = Own & { readonly for?: string; readonly reason?: string; readonly author?: string; anyway?: boolean }

/** The commands on proposals, their trial on stored findings, and the adjustments in force. */
export function addAdjustmentCommands(command: Command, context: VerdictsContext): void {
  command
    .command('propose')
    .description('list what the verdicts suggest: allowances, and thresholds of the models')
    .option('--json', 'one JSON object a line')
    .action(({ json }) =>
      withState(context, (db) => {
        const all = proposals(db, context.clock.now())
        if (json) for (const one of all) context.print(JSON.stringify(one))
        else context.print(proposalTable(all))
      }),
    )
  withOwn(command.command('backtest'))
    .description('try the named proposals on stored findings, or all, or an adjustment of your own')
    .argument('[proposals...]')
    .option('--json', 'as one JSON object')
    .action((ids: string[], flags: Own & { json?: boolean }) =>
      withState(context, (db) => {
        const setting = { minScore: context.minScore(), now: context.clock.now() }
        const result = tryAdjustments(db, wantedOf(ids, flags), setting)
        context.print(flags.json ? JSON.stringify(result) : backtestText(result))
      }),
    )
  withOwn(command.command('apply'))
    .description('put proposals in force, or an adjustment of your own, from the next batch on')
    .argument('[proposals...]')
    .option('--for <time>', 'how long, such as 90d; an allowance holds 30 days, a threshold until it is reverted')
    .option('--reason <text>', 'why, for the next person who reads it')
    .option('--author <name>', 'your name (default: the user)')
    .option('--anyway', 'apply even if findings judged true would be lost')
    .action((ids: string[], flags: ApplyFlags) => withState(context, (db) => apply(db, ids, flags, context)))
  command
    .command('adjustments')
    .description('list the adjustments in force and what they did')
    .option('--all', 'also those that have ended')
    .action(({ all }) =>
      withState(context, (db) => context.print(adjustmentTable(listAdjustments(db, context.clock.now()), all))),
    )
  command
    .command('revert')
    .description('end an adjustment from the next batch on')
    .argument('<id>')
    .action((id: string) =>
      withState(context, (db) => {
        revertAdjustment(db, idArgument(id, 'oddline verdicts adjustments'), context.clock.now())
        context.print(`Adjustment ${id} ends with the next batch.`)
      }),
    )
}

function withOwn(command: Command): Command {
  return command
    .option('--rule <id...>', 'excuse matches of these rules')
    .option('--model <name...>', 'excuse what these models say (isolation_forest, transformer)')
    .option('--client <network>', 'only of this address or network')
    .option('--user <name>', 'only of this user')
    .option('--target <prefix>', 'only of requests whose target begins with this')
    .option('--threshold <model=score>', 'a model counts from this score on')
}

function apply(db: State, ids: string[], flags: ApplyFlags, context: VerdictsContext): void {
  const { reason, anyway = false, author = context.user() } = flags
  const forMs = flags.for === undefined ? undefined : durationArgument(flags.for)
  const options = { minScore: context.minScore(), now: context.clock.now(), author, reason, forMs, anyway }
  const { applied, trial } = applyAdjustments(db, wantedOf(ids, flags), options)
  const { lostHits, suppressed } = trial
  if (lostHits.length > 0 && !anyway) {
    throw new OddlineError(
      'CONFIG_INVALID',
      `${lostHits.length} findings that were judged true would be lost, such as ${lostHits[0]}. ` +
        'Narrow the adjustment, or set --anyway.',
    )
  }
  if (applied.length === 0) {
    context.print('No verdict proposes a change that is not in force.')
    return
  }
  for (const { id, adjustment, expiresAt } of applied) {
    context.print(`Adjustment ${id}: ${whatText(adjustment)}, ${untilText(expiresAt)}.`)
  }
  const { false_positive, benign, unjudged } = suppressed
  context.print(`It would have spared ${false_positive + benign + unjudged} of the stored findings.`)
}

function wantedOf(ids: string[], own: Own & { reason?: string }): Wanted {
  const adjustment = adjustmentOf(own)
  if (adjustment) return { adjustment, reason: own.reason }
  return { proposals: ids.length === 0 ? 'all' : ids }
}

function adjustmentOf({ rule, model, client, user, target, threshold }: Own): Adjustment | undefined {
  if (threshold !== undefined) {
    const [name, score] = threshold.split('=')
    return { kind: 'threshold', model: name as 'transformer', min_score: Number(score) }
  }
  const given = { ...(rule && { rules: rule }), ...(model && { models: model }) }
  const who = { ...(client && { client }), ...(user && { user }), ...(target && { target }) }
  return Object.keys({ ...given, ...who }).length === 0 ? undefined : { kind: 'allow', ...given, ...who }
}

function proposalTable(all: readonly Proposal[]): string {
  if (all.length === 0) return 'No verdict proposes a change that is not in force.'
  const rows = all.map(({ id, adjustment, reason }) => [id, whatText(adjustment), visibleCut(reason, 80)])
  return plainTable(['proposal', 'what', 'reason'], rows, 1)
}

function adjustmentTable(all: readonly AdjustmentItem[], over = false): string {
  const shown = all.filter(({ inForce }) => over || inForce)
  if (shown.length === 0) return 'No adjustments.'
  const rows = shown.map(({ id, adjustment, suppressed, weakened, expiresAt, endedAt, author, reason }) => {
    const until = endedAt === null ? untilText(expiresAt) : `reverted ${timeText(endedAt)}`
    return [id, whatText(adjustment), suppressed, weakened, until, visibleCut(author, 40), visibleCut(reason, 80)]
  })
  return plainTable(['id', 'what', 'spared', 'weakened', 'until', 'author', 'reason'], rows, 1)
}

function backtestText({ findings, suppressed, weakened, byRule, byModel, lostHits, examples }: Backtest): string {
  const lines = [
    `Tried on ${findings.toLocaleString('en-US')} stored findings.`,
    `Spared    ${countsText(suppressed)}`,
    `Weakened  ${countsText(weakened)}`,
  ]
  for (const [id, count] of Object.entries({ ...byRule, ...byModel })) lines.push(`  ${count} of ${visibleCut(id, 80)}`)
  if (lostHits.length > 0) lines.push(`Judged true, and lost: ${lostHits.join(', ')}`)
  for (const { event, message } of examples) lines.push(`  ${event.id}  ${visibleCut(message, 160)}`)
  return lines.join('\n')
}

function countsText({ true_positive, false_positive, benign, unjudged }: VerdictCounts): string {
  return `${true_positive} true, ${false_positive} false, ${benign} benign, ${unjudged} not judged`
}

function whatText(adjustment: Adjustment): string {
  if (adjustment.kind === 'threshold') return `${adjustment.model} counts from ${adjustment.min_score} on`
  const { rules, models, client, user, target } = adjustment
  const what = [...(rules ?? []).map((id) => `rule ${id}`), ...(models ?? [])]
  const where = [client && `client ${client}`, user && `user ${user}`, target && `target ${target}`].filter(Boolean)
  return visibleCut(
    `allow ${what.join(', ') || 'everything'}${where.length > 0 ? ` for ${where.join(', ')}` : ''}`,
    200,
  )
}

function untilText(expiresAt: number): string {
  return Number.isFinite(expiresAt) ? `until ${timeText(expiresAt)}` : 'until it is reverted'
}
