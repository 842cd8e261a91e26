import { adjustmentsSection } from './adjustments.js'
import { get, post } from './api.js'
import { button, empty, h, say, section, table } from './dom.js'
import { ago, bytes, minute, number, titled } from './format.js'

/** Batches, sinks, dead letters, models and rules: what an operator looks at and may change. */
export function operateView() {
  const view = h('div', { class: 'stack-view' })

  async function load() {
    const [batches, lag, sinks, letters, models, rules, adjustments] = await Promise.all([
      get('/batches', { limit: 8 }),
      get('/lag'),
      get('/sinks'),
      get('/dead-letters', { limit: 20 }),
      get('/models'),
      get('/rules'),
      get('/adjustments'),
    ])
    view.replaceChildren(
      h(
        'div',
        { class: 'head' },
        h('h1', {}, 'Operate'),
        button(
          'Run a batch now',
          () =>
            act(
              () => post('/run'),
              ({ status }) => `The batch is ${status}.`,
            ),
          { class: 'primary' },
        ),
      ),
      batchesSection(batches.items),
      lagSection(lag),
      sinksSection(sinks.items, load),
      lettersSection(letters, load),
      modelsSection(models, load),
      adjustmentsSection(adjustments, load),
      rulesSection(rules.items),
    )
  }
  return { view, ready: load() }
}

async function act(work, words, then) {
  say(words(await work()))
  await then?.()
}

function lagSection({ bytes: unread, items }) {
  const rows = items
    .slice(0, 10)
    .map((one) => [h('span', { class: 'mono' }, one.path), bytes(one.bytes), `${number(Math.round(one.seconds))} s`])
  return section(
    'Lag',
    items.length > 0 ? `${bytes(unread)} unread` : undefined,
    items.length === 0
      ? empty('Everything that the files hold has been read.')
      : table('Files that hold more than was read', ['File', 'Unread', 'Behind'], rows, [1, 2]),
  )
}

function batchesSection(items) {
  const rows = items.map((one) => [
    h('span', { class: 'mono' }, one.id),
    `${minute(one.started)} UTC`,
    titled(one.status),
    number(one.lines),
    number(one.rejected),
    number(one.findings.total),
    h('a', { href: `#/lines?batch=${encodeURIComponent(one.id)}` }, 'Lines'),
  ])
  return section(
    'Batches',
    undefined,
    items.length === 0
      ? empty('No batch has run yet.')
      : table('Batches', ['Batch', 'Started', 'Status', 'Lines', 'Not understood', 'Findings', ''], rows, [3, 4, 5]),
  )
}

const STATE_TONE = { idle: 'good', working: 'low', failing: 'critical', removed: 'medium' }

function sinksSection(items) {
  const rows = items.map((one) => [
    h('strong', {}, one.name),
    one.type,
    h('span', { class: `badge ${STATE_TONE[one.state]}` }, titled(one.state)),
    number(one.pending),
    number(one.dead_letters),
    number(one.delivered),
    one.detail
      ? [
          h('span', { class: 'small' }, one.detail),
          one.retry_at && h('span', { class: 'small muted' }, ` Next try ${minute(one.retry_at)} UTC.`),
        ]
      : h('span', { class: 'muted' }, ago(one.delivered_at)),
  ])
  return section(
    'Sinks',
    undefined,
    items.length === 0
      ? empty('No sinks are configured.')
      : table('Sinks', ['Sink', 'Type', 'State', 'Waiting', 'Dead letters', 'Delivered', 'Last'], rows, [3, 4, 5]),
  )
}

function lettersSection({ total, items }, reload) {
  if (total === 0) return section('Dead letters', undefined, empty('None. Everything was taken.'))
  const rows = items.map((one) => [
    one.sink,
    titled(one.reason),
    h('span', { class: 'small' }, one.detail),
    `${minute(one.died_at)} UTC`,
    h(
      'span',
      { class: 'acts' },
      button('Replay', () =>
        act(
          () => post('/dead-letters/replay', { ids: [one.id] }),
          () => 'It is queued again.',
          reload,
        ),
      ),
      button('Discard', () =>
        act(
          () => post('/dead-letters/discard', { ids: [one.id] }),
          () => 'It is gone.',
          reload,
        ),
      ),
    ),
  ])
  const sinks = [...new Set(items.map(({ sink }) => sink))]
  return section(
    'Dead letters',
    `${number(total)} in all`,
    table('Dead letters', ['Sink', 'Reason', 'What the receiver said', 'Since', ''], rows),
    h(
      'div',
      { class: 'more-row' },
      sinks.map((sink) =>
        button(`Replay all of ${sink}`, () =>
          act(
            () => post('/dead-letters/replay', { sink }),
            ({ count }) => `${count} queued again.`,
            reload,
          ),
        ),
      ),
    ),
  )
}

function modelsSection({ items, learning }, reload) {
  const rows = items.map((one) => [
    `Version ${one.version}`,
    one.in_force
      ? h('span', { class: 'badge good' }, 'In force')
      : one.usable
        ? h('span', { class: 'muted' }, 'Kept')
        : h('span', { class: 'badge critical' }, 'Damaged'),
    one.card.trained_on ? `${number(one.card.trained_on)} events` : '',
    one.in_force || !one.usable
      ? ''
      : button('Roll back to it', () =>
          act(
            () => post('/models/rollback', { version: one.version }),
            ({ version }) => `Version ${version} is in force with the next batch.`,
            reload,
          ),
        ),
  ])
  const order = (text, path, words) =>
    button(text, () =>
      act(
        () => post(path),
        () => words,
        reload,
      ),
    )
  const steer = h(
    'div',
    { class: 'more-row' },
    order('Train anew', '/models/retrain', 'Training begins with the next batch.'),
    learning.frozen
      ? order('Resume learning', '/models/resume', 'Learning goes on with the next batch.')
      : order('Freeze learning', '/models/freeze', 'Nothing is learnt from the next batch on.'),
  )
  return section(
    'Models',
    `phase: ${learning.phase}${learning.frozen ? ', frozen' : ''}`,
    learning.drift &&
      h('p', { class: learning.drift.level === 'retrain' ? 'notice' : 'muted' }, learning.drift.summary),
    items.length === 0
      ? empty(`None yet: ${number(learning.collected)} of ${number(learning.warmup_target)} events are collected.`)
      : table('Models', ['Model', '', 'Trained on', ''], rows),
    steer,
  )
}

function rulesSection(items) {
  const used = items.filter(({ findings }) => findings > 0).sort((a, b) => b.findings - a.findings)
  const rows = used
    .slice(0, 30)
    .map((one) => [
      one.title,
      titled(one.level),
      number(one.findings),
      number(one.verdicts.true_positive),
      number(one.verdicts.false_positive + one.verdicts.benign),
      h('a', { href: `#/lines?rule=${encodeURIComponent(one.id)}` }, 'Lines'),
    ])
  return section(
    'Rules',
    `${number(items.length)} in force`,
    used.length === 0
      ? empty('No rule has led to a finding.')
      : table('Rules', ['Rule', 'Level', 'Findings', 'Attacks', 'False or known', ''], rows, [2, 3, 4]),
  )
}
