import { Command, InvalidArgumentError } from 'commander'
import { markFinding, unmarkFinding } from '../../../control/verdicts.ts'
import { VERDICTS, type Verdict } from '../../../core/documents/verdict.ts'
import { wilson } from '../../../core/wilson.ts'
import { precisions, verdictsMade } from '../../../queries/verdicts.ts'
import { visibleCut } from '../../visible.ts'
import { plainTable } from '../table.ts'
import { timeText, withState } from '../upkeep/delivery-context.ts'
import { addAdjustmentCommands, type VerdictsContext } from './adjustments.ts'

const WORDS: Readonly<Record<string, Verdict>> = {
  true: 'true_positive',
  false: 'false_positive',
  benign: 'benign',
  ...Object.fromEntries(VERDICTS.map((verdict) => [verdict, verdict])),
}

const HELP = `
A verdict changes nothing by itself. It makes proposals, which you can try on
the findings of the past, apply, and take back:

  $ oddline verdicts mark 3f2a91c0 benign --reason "our own scanner"
  $ oddline verdicts propose
  $ oddline verdicts backtest
  $ oddline verdicts apply allow-3f2a91c0 --for 90d
  $ oddline verdicts adjustments
  $ oddline verdicts revert 1
`

/** `oddline verdicts`: verdicts on findings, and the adjustments that they suggest. */
export function verdictsCommand(context: VerdictsContext): Command {
  const command = new Command('verdicts')
    .description('judge findings; try, apply and revert what the verdicts suggest')
    .addHelpText('after', HELP)
  command
    .command('mark')
    .description('true: an attack; false: nothing odd; benign: odd, but known and allowed')
    .argument('<finding>', 'id of the finding, as in findings.jsonl (event.id)')
    .argument('<verdict>', 'true, false or benign', word)
    .option('--reason <text>', 'why, for the next person who reads it', '')
    .option('--author <name>', 'your name (default: the user)')
    .action((finding: string, verdict: Verdict, { reason, author = context.user() }) =>
      withState(context, (db) => {
        markFinding(db, { finding, verdict, reason, author, at: context.clock.now() })
        context.print(`${finding} is ${said(verdict)}. See what it suggests: oddline verdicts propose`)
      }),
    )
  command
    .command('unmark')
    .description('remove a verdict and end the adjustments that come from it alone')
    .argument('<finding>')
    .action((finding: string) =>
      withState(context, (db) => {
        const ended = unmarkFinding(db, finding, context.clock.now())
        context.print(
          `The verdict is taken back${ended.length > 0 ? `, and so is adjustment ${ended.join(', ')}` : ''}.`,
        )
      }),
    )
  command
    .command('list')
    .description('the latest verdicts')
    .option('--limit <n>', 'how many', '20')
    .action(({ limit }) => withState(context, (db) => context.print(listed(verdictsMade(db, Number(limit))))))
  command
    .command('precision')
    .description('how often each rule and each model was right, by the verdicts')
    .option('--json', 'one JSON object a line')
    .action(({ json }) =>
      withState(context, (db) => {
        const all = precisions(db)
        if (json) for (const one of all) context.print(JSON.stringify(one))
        else context.print(precisionTable(all))
      }),
    )
  addAdjustmentCommands(command, context)
  return command
}

function word(text: string): Verdict {
  const verdict = WORDS[text]
  if (!verdict) throw new InvalidArgumentError('It must be true, false or benign.')
  return verdict
}

function said(verdict: Verdict): string {
  return verdict.replace('_', ' ')
}

function listed(made: ReturnType<typeof verdictsMade>): string {
  if (made.length === 0) return 'Nobody has judged a finding yet.'
  const rows = made.map(({ finding, verdict, author, at, reason }) => {
    return [finding, said(verdict), timeText(at), visibleCut(author, 40), visibleCut(reason, 80)]
  })
  return plainTable(['finding', 'verdict', 'at', 'author', 'reason'], rows, 4)
}

/** The share of judged findings that are true, with its 95 % interval. */
function precisionTable(all: ReturnType<typeof precisions>): string {
  const rows = all.map(({ detector, rule, title, findings, verdicts }) => {
    const { true_positive: hits, false_positive: wrong, benign } = verdicts
    return [
      visibleCut(title, 60) || detector,
      findings,
      hits,
      wrong,
      benign,
      shareText(hits, hits + wrong + benign),
      rule,
    ]
  })
  return plainTable(['rule or model', 'findings', 'true', 'false', 'benign', 'right', 'id'], rows, 0)
}

function shareText(hits: number, judged: number): string {
  if (judged === 0) return '-'
  const [low, high] = wilson(hits, judged).map((share) => Math.round(100 * share))
  return `${Math.round((100 * hits) / judged)} % (${low}-${high})`
}
