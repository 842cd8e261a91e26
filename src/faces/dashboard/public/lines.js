import { get } from './api.js'
import { badge, button, empty, h } from './dom.js'
import { findingView } from './finding.js'
import { attackName, minute } from './format.js'

const FIELDS = [
  'since',
  'until',
  'severity',
  'attack_type',
  'session',
  'user',
  'incident',
  'batch',
  'detector',
  'rule',
  'text',
]

/** Findings line by line, for what was chosen elsewhere or searched here. */
export function linesView(query) {
  const chosen = Object.fromEntries(FIELDS.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])))
  const list = h('div', { class: 'lines' })
  const more = h('div', { class: 'more-row' })
  const text = h('input', {
    type: 'search',
    id: 'search',
    value: chosen.text ?? '',
    placeholder: 'text of a line, or why it is odd',
  })

  async function load(cursor) {
    const { items, next } = await get('/findings', { ...chosen, limit: 50, cursor })
    const rows = items.map(({ finding }) => lineRow(finding))
    if (cursor) list.append(...rows)
    else list.replaceChildren(...(rows.length > 0 ? rows : [empty('Nothing was found that fits.')]))
    more.replaceChildren(...(next ? [button('Show more', () => load(next))] : []))
  }

  const search = h(
    'form',
    {
      class: 'search',
      role: 'search',
      onsubmit: (event) => {
        event.preventDefault()
        go({ ...chosen, text: text.value.trim() })
      },
    },
    h('label', { for: 'search', class: 'sr-only' }, 'Search findings'),
    text,
    h('button', { type: 'submit' }, 'Search'),
  )
  const filters = Object.entries(chosen).filter(([name]) => name !== 'text')
  const chips = filters.map(([name, value]) =>
    button(
      `${name.replace('_', ' ')}: ${name === 'since' || name === 'until' ? shownTime(value) : value} ×`,
      async () => go({ ...chosen, [name]: '' }),
      {
        class: 'chip',
        'aria-label': `Remove the filter ${name}`,
      },
    ),
  )
  const view = h(
    'div',
    { class: 'stack-view' },
    h('div', { class: 'head' }, h('h1', {}, 'Lines'), search),
    chips.length > 0 && h('div', { class: 'chips' }, chips),
    list,
    more,
  )
  return { view, ready: load() }
}

function go(chosen) {
  const given = Object.entries(chosen).filter(([, value]) => value)
  location.hash = `#/lines?${new URLSearchParams(given)}`
}

function shownTime(value) {
  return /^\d{4}-/.test(value) ? `${minute(value)} UTC` : value
}

function lineRow(finding) {
  const body = h('div', { class: 'body' })
  const row = h(
    'details',
    { class: 'line', ontoggle: () => row.open && body.childElementCount === 0 && body.append(findingView(finding)) },
    h(
      'summary',
      {},
      badge(finding.oddline.severity),
      h('span', { class: 'kind' }, kindOf(finding)),
      h('span', { class: 'time' }, minute(finding['@timestamp'])),
      h('code', { class: 'original' }, requestOf(finding)),
    ),
    body,
  )
  return row
}

/** What it is and of whom, before the line itself, whose beginning is often the same. */
function kindOf({ oddline }) {
  const kinds = oddline.attack_types.map(attackName)
  const shown = kinds.length > 0 ? kinds.slice(0, 2).join(', ') : 'Unusual event'
  return [h('strong', {}, shown), ` · ${oddline.session}`]
}

/** The request, or the line where it is none: what tells one from the next. */
function requestOf({ http, url, event }) {
  if (!url?.original) return event.original
  return [http?.request?.method, url.original, http?.response?.status_code].filter(Boolean).join(' ')
}
