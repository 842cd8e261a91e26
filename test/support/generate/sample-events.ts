import { Chance } from './chance.ts'
import { LogTimes } from './times.ts'

const START = Date.UTC(2024, 2, 5) / 1000
const STAFF = ['amara', 'jonas', 'mei', 'pavel', 'lucia', 'tomas', 'noor', 'elif', 'kenji', 'ines']

interface Event {
  readonly timestamp: number
  readonly user: string
  readonly source_ip: string
  readonly event_type: string
  readonly action: string
  readonly message: string
}

/** A JSON array: ten people at work, and one address that tries one password on every account, with one success. */
export function securityJsonSample(seed: number): string {
  const events = [...office(new Chance(seed)), ...spray()]
  const times = new LogTimes()
  const records = events
    .toSorted((a, b) => a.timestamp - b.timestamp)
    .map((event) => ({ ...event, timestamp: times.iso(event.timestamp) }))
  return `${JSON.stringify(records, null, 2)}\n`
}

/** CSV with a header: the same office, and an administrator who works at an hour when nobody does. */
export function securityCsvSample(seed: number): string {
  const events = [...office(new Chance(seed)), ...oddHour()]
  const times = new LogTimes()
  const rows = events
    .toSorted((a, b) => a.timestamp - b.timestamp)
    .map((event) =>
      [times.iso(event.timestamp), event.user, event.source_ip, event.event_type, event.action, event.message]
        .map(cell)
        .join(','),
    )
  return `timestamp,user,source_ip,event_type,action,message\n${rows.join('\n')}\n`
}

function cell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function office(chance: Chance): Event[] {
  const events: Event[] = []
  for (let day = 0; day < 2; day++) {
    STAFF.forEach((user, i) => {
      const source_ip = `198.51.100.${20 + i}`
      let timestamp = START + day * 86_400 + 8 * 3600 + chance.below(5400)
      for (let visit = 0; visit < 4; visit++) {
        if (chance.unit() < 0.1) {
          events.push({
            timestamp: timestamp - 9,
            user,
            source_ip,
            event_type: 'login_failure',
            action: 'web_login',
            message: `Login of ${user} failed: wrong password`,
          })
        }
        events.push({
          timestamp,
          user,
          source_ip,
          event_type: 'login_success',
          action: 'web_login',
          message: `Login of ${user} succeeded`,
        })
        const file = chance.pick(['report.xlsx', 'minutes.docx', 'price list, spring.pdf', 'invoices.csv'])
        events.push({
          timestamp: timestamp + 60 + chance.below(900),
          user,
          source_ip,
          event_type: 'file_access',
          action: 'read',
          message: `${user} opened "${file}"`,
        })
        events.push({
          timestamp: timestamp + 3000 + chance.below(1800),
          user,
          source_ip,
          event_type: 'logout',
          action: 'web_logout',
          message: `Logout of ${user}`,
        })
        timestamp += 6000 + chance.below(1500)
      }
    })
  }
  return events
}

function spray(): Event[] {
  const source_ip = '203.0.113.45'
  const names = [...STAFF, 'admin', 'root', 'info', 'sales', 'backup', 'test', 'service', 'office']
  const events: Event[] = names.map((user, i) => {
    const known = STAFF.includes(user)
    return {
      timestamp: START + 86_400 + 2 * 3600 + i * 4,
      user,
      source_ip,
      event_type: known ? 'login_failure' : 'invalid_user',
      action: 'web_login',
      message: known ? `Login of ${user} failed: wrong password` : `Login of unknown user ${user}`,
    }
  })
  events.push({
    timestamp: START + 86_400 + 2 * 3600 + names.length * 4 + 2,
    user: 'pavel',
    source_ip,
    event_type: 'login_success',
    action: 'web_login',
    message: 'Login of pavel succeeded',
  })
  return events
}

function oddHour(): Event[] {
  const night = START + 86_400 + 3 * 3600 + 1500
  const who = { user: 'tomas', source_ip: '203.0.113.120' }
  return [
    { timestamp: night, ...who, event_type: 'login_success', action: 'web_login', message: 'Login of tomas succeeded' },
    {
      timestamp: night + 95,
      ...who,
      event_type: 'account_change',
      action: 'grant_role',
      message: 'tomas granted role "administrator" to backup2',
    },
    {
      timestamp: night + 140,
      ...who,
      event_type: 'configuration_change',
      action: 'disable_audit',
      message: 'tomas disabled the audit log',
    },
    {
      timestamp: night + 300,
      ...who,
      event_type: 'data_export',
      action: 'export',
      message: 'tomas exported 48,210 customer records',
    },
  ]
}
