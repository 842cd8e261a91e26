import { Command, Option } from 'commander'
import { OddlineError } from '../../../core/errors.ts'
import { findingsOfIncident, incidentByPrefix, listIncidents } from '../../../queries/findings/incidents.ts'
import { visibleCut } from '../../visible.ts'
import { plainTable } from '../table.ts'
import { type DeliveryContext, timeText, withState } from '../upkeep/delivery-context.ts'

interface ListOptions {
  status?: 'open' | 'resolved'
  who?: string
  limit: string
  json?: boolean
}

/** `oddline incidents list | show`. */
export function incidentsCommand(context: DeliveryContext): Command {
  const command = new Command('incidents').description('Findings grouped by who, what and when')
  command
    .command('list')
    .description('Latest first')
    .addOption(new Option('--status <status>').choices(['open', 'resolved']))
    .option('--who <who>', 'of this address or user only')
    .option('--limit <n>', 'at most this many', '50')
    .option('--json', 'print JSON')
    .action(async (options: ListOptions) => await list(context, options))
  command
    .command('show')
    .description('One incident with its strongest findings, as JSON')
    .argument('<id>', 'its id, or the first characters of it')
    .action(async (id: string) => await show(context, id))
  return command
}

async function list(context: DeliveryContext, { status, who, limit, json }: ListOptions): Promise<void> {
  const page = { limit: Number.parseInt(limit, 10) || 50 }
  const incidents = await withState(context, (db) => listIncidents(db, { status, who }, page).items)
  if (json) return context.print(JSON.stringify(incidents, null, 2))
  if (incidents.length === 0) return context.print('No incidents.')
  const rows = incidents.map(({ id, status: state, severity, summary, lastSeen }) => {
    return [
      id.slice(0, 12),
      state,
      severity,
      timeText(lastSeen).slice(0, 16).replace('T', ' '),
      visibleCut(summary, 90),
    ]
  })
  context.print(plainTable(['id', 'status', 'severity', 'last seen', 'summary'], rows, 4))
}

async function show(context: DeliveryContext, id: string): Promise<void> {
  const shown = await withState(context, (db) => {
    const incident = incidentByPrefix(db, id)
    return incident && { incident, findings: findingsOfIncident(db, incident.id, 20) }
  })
  if (!shown) {
    throw new OddlineError(
      'CONFIG_INVALID',
      `No incident, or more than one, begins with ${visibleCut(id, 40)}. Give more characters of its id.`,
    )
  }
  context.print(JSON.stringify(shown, null, 2))
}
