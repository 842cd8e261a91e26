import { put, remove } from './api.js'
import { badge, button, h, table } from './dom.js'
import { DETECTORS, minute, short, titled } from './format.js'

const VERDICTS = { true_positive: 'Attack', false_positive: 'False alarm', benign: 'Known, allowed' }

/** One finding: what happened, the line, what each detector says. */
export function findingView(finding, { withBadge = false } = {}) {
  const { oddline, event, log } = finding
  return h(
    'article',
    { class: 'finding' },
    h('p', {}, withBadge && [badge(oddline.severity), ' '], finding.message),
    h('code', { class: 'raw' }, event.original, oddline.truncated && '…'),
    h(
      'p',
      { class: 'where' },
      h('span', {}, `${minute(finding['@timestamp'])} UTC`),
      h('span', { class: 'mono' }, `${log.file.path}:${log.file.line}`),
      h('span', {}, `score ${event.risk_score} of 100`),
    ),
    h(
      'div',
      { class: 'evidence' },
      [...oddline.evidence].sort((a, b) => b.score - a.score).map((one) => opinion(one, oddline.weights)),
    ),
  )
}

function opinion(one, weights) {
  const weight = weights[one.detector]
  const vote = weight === undefined ? '' : `, ${Math.round(weight * 100)} % of the vote`
  return h(
    'div',
    { class: 'opinion' },
    h(
      'p',
      { class: 'who' },
      h('strong', {}, DETECTORS[one.detector]),
      h('span', { class: 'small muted' }, `score ${Math.round(one.score * 100)}${vote}`),
    ),
    h('p', {}, one.summary),
    details(one),
  )
}

function details(one) {
  if (one.detector === 'rules') return one.matches.map(match)
  if (one.detector === 'isolation_forest') {
    const rows = one.features
      .slice(0, 5)
      .map(({ name, actual, typical, share }) => [
        titled(name),
        short(actual),
        short(typical),
        `${Math.round(share * 100)} %`,
      ])
    return table('Features', ['Feature', 'Here', 'Usually', 'Share'], rows, [1, 2, 3])
  }
  const steps = [[one.seen, 'seen'], ...one.expected.slice(0, 3).map((step) => [step, ''])]
  return [
    one.context.length > 0 &&
      h('p', { class: 'small muted' }, 'Before it: ', h('span', { class: 'mono' }, one.context.slice(-6).join(' → '))),
    h(
      'ul',
      { class: 'steps' },
      steps.map(([{ template, probability }, kind]) =>
        h(
          'li',
          { class: kind },
          h('span', { class: 'p' }, percent(probability)),
          h('span', { class: 'mono' }, template),
        ),
      ),
    ),
  ]
}

function match({ title, level, field, matched, techniques }) {
  return h(
    'p',
    { class: 'matched' },
    h('span', { class: 'tag' }, titled(level)),
    ` ${title}`,
    matched && [': ', h('code', {}, field), ' holds ', h('mark', { class: 'mono' }, matched)],
    techniques.map((technique) => [' ', h('span', { class: 'tag' }, technique)]),
  )
}

function percent(probability) {
  const value = probability * 100
  if (value > 0 && value < 0.01) return '< 0.01 %'
  return `${value >= 10 ? value.toFixed(0) : Number(value.toPrecision(2))} %`
}

/** Buttons that say what a finding is. Pressing the one that is pressed takes it back. */
export function verdictButtons(findingId, current, onChange) {
  const group = h('div', { class: 'verdicts', role: 'group', 'aria-label': 'Verdict' })
  let now = current
  const draw = () =>
    group.replaceChildren(
      ...Object.entries(VERDICTS).map(([verdict, text]) =>
        button(
          text,
          async () => {
            const path = `/findings/${encodeURIComponent(findingId)}/verdict`
            if (now === verdict) {
              await remove(path)
              now = null
            } else {
              await put(path, { verdict })
              now = verdict
            }
            draw()
            onChange(now)
          },
          { 'aria-pressed': String(now === verdict), class: `verdict ${verdict}` },
        ),
      ),
    )
  draw()
  return group
}

export const verdictName = (verdict) => VERDICTS[verdict] ?? ''
