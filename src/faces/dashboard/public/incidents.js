import { get } from './api.js'
import { badge, button, empty, h } from './dom.js'
import { findingView, verdictButtons, verdictName } from './finding.js'
import { attackName, minute, plural, SEVERITIES } from './format.js'

/** Incidents to triage: filters above, each opens to its evidence. New ones arrive at the top while this is open. */
export function incidentsView(live) {
  const filters = { status: 'open', severity: '' }
  const list = h('div', { class: 'incidents' })
  const more = h('div', { class: 'more-row' })
  const choose = (name, label, options) =>
    h(
      'label',
      { class: 'choice' },
      label,
      h(
        'select',
        {
          onchange: (event) => {
            filters[name] = event.target.value
            void load()
          },
        },
        options.map(([value, text]) => h('option', { value, selected: filters[name] === value }, text)),
      ),
    )

  async function load(cursor) {
    const { items, next } = await get('/incidents', { ...filters, limit: 30, cursor })
    const rows = items.map((incident) => incidentRow(incident))
    if (cursor) list.append(...rows)
    else
      list.replaceChildren(
        ...(rows.length > 0 ? rows : [empty('No incidents here. That is good news, or the filters are narrow.')]),
      )
    more.replaceChildren(...(next ? [button('Show more', () => load(next))] : []))
  }

  live.onIncident = (incident) => {
    if (filters.status && incident.status !== filters.status) return
    const known = list.querySelector(`[data-id="${CSS.escape(incident.id)}"]`)
    if (known?.open) return
    known?.remove()
    list.querySelector('.empty')?.remove()
    list.prepend(incidentRow(incident))
  }

  const view = h(
    'div',
    { class: 'stack-view' },
    h(
      'div',
      { class: 'head' },
      h('h1', {}, 'Incidents'),
      h(
        'div',
        { class: 'choices' },
        choose('status', 'Status', [
          ['open', 'Open'],
          ['resolved', 'Resolved'],
          ['', 'All'],
        ]),
        choose('severity', 'At least', [
          ['', 'Low'],
          ...SEVERITIES.slice(0, 3)
            .reverse()
            .map((one) => [one, one[0].toUpperCase() + one.slice(1)]),
        ]),
      ),
    ),
    list,
    more,
  )
  return { view, ready: load() }
}

export function incidentRow(incident) {
  const said = h('span', { class: 'tag verdict-tag', hidden: !incident.verdict }, verdictName(incident.verdict))
  const body = h('div', { class: 'body' })
  const row = h(
    'details',
    { class: 'incident', 'data-id': incident.id, ontoggle: () => row.open && body.childElementCount === 0 && fill() },
    h(
      'summary',
      {},
      h('span', {}, badge(incident.severity)),
      h('span', { class: 'what' }, `${attackName(incident.what)} · ${incident.who} `, said),
      h('span', { class: 'when' }, plural(incident.findings, 'finding')),
      h(
        'span',
        { class: 'sentence' },
        incident.summary,
        h('br'),
        h(
          'span',
          { class: 'muted' },
          `${minute(incident.first_seen)} to ${minute(incident.last_seen)} UTC${incident.status === 'resolved' ? ', resolved' : ''}`,
        ),
      ),
    ),
    body,
  )

  async function fill() {
    body.replaceChildren(h('p', { class: 'muted' }, 'Loading …'))
    try {
      const whole = await get(`/incidents/${encodeURIComponent(incident.id)}`, { limit: 50 })
      const shown = whole.strongest_findings
      body.replaceChildren(
        h(
          'div',
          { class: 'triage' },
          h('span', { class: 'small muted' }, 'What is it?'),
          verdictButtons(incident.strongest, whole.verdict, (verdict) => {
            said.textContent = verdictName(verdict)
            said.hidden = !verdict
          }),
          h('a', { class: 'small', href: `#/lines?incident=${encodeURIComponent(incident.id)}` }, 'All its lines'),
        ),
        ...telling(shown).map((finding) => findingView(finding)),
        incident.findings > 1
          ? h('p', { class: 'small muted' }, `Shown: what speaks for ${plural(incident.findings, 'finding')}.`)
          : '',
      )
    } catch (error) {
      body.replaceChildren(h('p', { class: 'fault' }, error.message))
    }
  }
  return row
}

/** The strongest finding, then those of another rule or detector, so that three findings say three things. */
function telling(findings) {
  const seen = new Set()
  return findings
    .filter(({ rule, oddline }) => {
      const kind = `${rule?.id ?? ''} ${oddline.evidence.map(({ detector }) => detector).join(' ')}`
      return seen.has(kind) ? false : seen.add(kind)
    })
    .slice(0, 3)
}
