import { get } from './api.js'
import { empty, h, section } from './dom.js'
import { attackName, bytes, minute, number, plural, SEVERITIES, titled } from './format.js'
import { incidentRow } from './incidents.js'

const PERIODS = [
  ['24h', '24 hours'],
  ['7d', '7 days'],
  ['30d', '30 days'],
]
let period = '24h'

/** What happened lately: figures, traffic and findings, the open incidents, who and what. */
export function overviewView(live) {
  const view = h('div', { class: 'stack-view' })
  let chart

  async function load() {
    const [status, incidents, models, lag, shown] = await Promise.all([
      get('/status'),
      get('/incidents', { status: 'open', limit: 100 }),
      get('/models'),
      get('/lag'),
      lately({ since: period }),
    ])
    const { top, timeline, note } = shown
    const place = h('div', { class: 'chart', role: 'img', 'aria-label': summaryOf(timeline) })
    const gravest = [...incidents.items].sort((a, b) => b.score - a.score || b.findings - a.findings)
    view.replaceChildren(
      h('h1', { class: 'sr-only' }, 'Overview'),
      figures({ status, top, open: incidents.items, learning: models.learning, lag, note }),
      section(
        'Traffic and findings',
        undefined,
        h('div', { class: 'chart-head' }, periods(load), legend(top.bySeverity)),
        note && h('p', { class: 'small muted' }, note),
        place,
      ),
      h(
        'section',
        { 'aria-labelledby': 'h-open' },
        h(
          'div',
          { class: 'head' },
          h('h2', { id: 'h-open' }, 'Open incidents'),
          h('a', { class: 'small', href: '#/incidents' }, 'All incidents'),
        ),
        h(
          'div',
          { class: 'incidents' },
          gravest.length > 0 ? gravest.slice(0, 6).map(incidentRow) : empty('No open incidents.'),
        ),
      ),
      h(
        'div',
        { class: 'columns' },
        bars(
          'Attack types',
          Object.entries(top.byAttackType)
            .slice(0, 6)
            .map(([name, n]) => ({ name: attackName(name), n, link: { attack_type: name } })),
        ),
        entries('Addresses', top.addresses, 'session'),
        entries('Users', top.users, 'user'),
        entries('Paths', top.paths, 'text'),
      ),
    )
    chart?.destroy()
    chart = globalThis.OddlineCharts.timeline(place, timeline, {
      height: 220,
      hint: 'Choose a time to see its lines.',
      onPick: (from, until) => {
        location.hash = `#/lines?${new URLSearchParams({ since: new Date(from).toISOString(), until: new Date(until).toISOString() })}`
      },
    })
  }

  let soon
  live.onIncident = () => {
    clearTimeout(soon)
    soon = setTimeout(() => !view.querySelector('details[open]') && void load(), 1500)
  }
  return {
    view,
    ready: load(),
    close: () => {
      clearTimeout(soon)
      chart?.destroy()
    },
  }
}

const periodName = () => PERIODS.find(([value]) => value === period)[1]
const DAYS = { '24h': 1, '7d': 7, '30d': 30 }

/** Traffic and findings of the period; of logs that end before it, the last such period that they have. */
async function lately(span) {
  const [top, timeline] = await Promise.all([
    get('/top', { ...span, limit: 6 }),
    get('/timeline', { ...span, slots: 96 }),
  ])
  if (span.until || top.total > 0 || timeline.events.some((n) => n > 0)) return { top, timeline }
  const [latest] = (await get('/findings', { limit: 1 })).items
  if (!latest) return { top, timeline }
  const end = Math.ceil(Date.parse(latest.finding['@timestamp']) / 60_000 + 1) * 60_000
  const until = new Date(end).toISOString()
  const since = new Date(end - DAYS[period] * 86_400_000).toISOString()
  const note = `There is nothing of the last ${periodName()}; these are the ${periodName()} up to ${minute(until)} UTC, where the logs end.`
  return { ...(await lately({ since, until })), note }
}

function summaryOf({ events, findings }) {
  const sum = (values) => values.reduce((total, n) => total + n, 0)
  const found = SEVERITIES.map((one) => `${sum(findings[one])} ${one}`).join(', ')
  return `Over this time: ${number(sum(events))} events; findings: ${found}. The view Lines lists them.`
}

function figures({ status, top, open, learning, lag, note }) {
  const urgent = open.filter(({ severity }) => severity === 'critical' || severity === 'high').length
  const progress = Math.min(1, learning.collected / Math.max(1, learning.warmup_target))
  const facts = [
    [
      'Open incidents',
      number(open.length === 100 ? '100' : open.length),
      urgent > 0 ? `${number(urgent)} high or critical` : 'nothing high or critical',
    ],
    ['Findings', number(top.total), `in the last ${periodName()}${note ? ' of the logs' : ''}`],
    ['Lines judged', number(status.logs_processed), lag.bytes > 0 ? `${bytes(lag.bytes)} unread` : 'nothing unread'],
    ['Phase', titled(status.phase), phaseNote(status, learning)],
  ]
  return h(
    'dl',
    { class: 'facts' },
    facts.map(([name, value, note]) =>
      h(
        'div',
        {},
        h('dt', {}, name),
        h(
          'dd',
          {},
          value,
          h('div', { class: 'note' }, note),
          name === 'Phase' &&
            status.phase === 'warmup' &&
            h(
              'div',
              { class: 'track', 'aria-hidden': 'true' },
              h('div', { class: 'fill', style: { width: `${Math.round(progress * 100)}%` } }),
            ),
        ),
      ),
    ),
  )
}

function phaseNote(status, learning) {
  if (status.phase === 'warmup') return `${number(learning.collected)} of ${number(learning.warmup_target)} events`
  const { active_models: active } = status
  const names = [
    active.rule_based && 'rules',
    active.isolation_forest && 'forest',
    active.transformer && 'transformer',
  ].filter(Boolean)
  return `voting: ${names.join(', ')}`
}

function periods(reload) {
  return h(
    'div',
    { class: 'segments', role: 'group', 'aria-label': 'Period' },
    PERIODS.map(([value, text]) =>
      h(
        'button',
        {
          type: 'button',
          'aria-pressed': String(period === value),
          onclick: () => {
            period = value
            void reload()
          },
        },
        text,
      ),
    ),
  )
}

function legend(bySeverity) {
  return h(
    'div',
    { class: 'legend' },
    h('span', {}, 'Events'),
    SEVERITIES.filter((one) => bySeverity[one] > 0).map((one) => h('span', { class: one }, titled(one))),
    SEVERITIES.some((one) => bySeverity[one] > 0) && h('span', { class: 'score' }, 'Highest score'),
  )
}

function entries(title, items, field) {
  return bars(
    title,
    items.map(({ name, findings, severity, attackTypes }) => ({
      name,
      n: findings,
      severity,
      note: attackTypes.slice(0, 3).map(attackName).join(', ') + (attackTypes.length > 3 ? ' …' : ''),
      link: { [field]: name },
      mono: true,
    })),
  )
}

function bars(title, items) {
  if (items.length === 0) return false
  const most = Math.max(...items.map(({ n }) => n))
  return section(
    title,
    undefined,
    h(
      'ul',
      { class: 'bars' },
      items.map(({ name, n, severity, note, link, mono }) =>
        h(
          'li',
          { class: severity },
          h(
            'span',
            { class: 'name' },
            h(
              'a',
              { class: mono && 'mono', href: `#/lines?${new URLSearchParams({ ...link, since: period })}` },
              name.length > 80 ? `${name.slice(0, 79)}…` : name,
            ),
            note && h('span', { class: 'small muted' }, ` ${note}`),
          ),
          h('span', { class: 'small' }, mono ? plural(n, 'finding') : number(n)),
          h(
            'div',
            { class: 'track', 'aria-hidden': 'true' },
            h('div', { class: 'fill', style: { width: `${Math.max(1, Math.round((n / most) * 100))}%` } }),
          ),
        ),
      ),
    ),
  )
}
