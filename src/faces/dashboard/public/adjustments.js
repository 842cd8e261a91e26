import { post, remove } from './api.js'
import { button, empty, h, say, section, table } from './dom.js'
import { minute, number, titled } from './format.js'

/** What verdicts lead to: proposals to try and to apply, and the adjustments in force. */
export function adjustmentsSection({ items, proposals }, reload) {
  const held = items.filter((one) => one.in_force)
  return section(
    'Adjustments',
    `${number(held.length)} in force`,
    proposals.length > 0 && [
      h('h3', {}, 'Proposed by verdicts'),
      table(
        'Proposals',
        ['What', 'Why', ''],
        proposals.map((one) => [what(one.adjustment), one.reason, proposalButtons(one, reload)]),
      ),
    ],
    held.length > 0 && [
      proposals.length > 0 && h('h3', {}, 'In force'),
      table(
        'Adjustments in force',
        ['What', 'Why', 'Until', 'Spared', ''],
        held.map((one) => [
          what(one.adjustment),
          `${one.reason} (${one.author})`,
          one.expires === null ? 'taken back' : `${minute(one.expires)} UTC`,
          number(one.suppressed),
          button('Take back', async () => {
            await remove(`/adjustments/${one.id}`)
            say('It is taken back with the next batch.')
            await reload()
          }),
        ]),
        [3],
      ),
    ],
    proposals.length + held.length === 0 &&
      empty('None. Verdicts on findings propose what not to report again; it is applied only when you say so.'),
  )
}

function proposalButtons({ id }, reload) {
  const tried = h('p', { class: 'small muted', role: 'status' })
  return h(
    'div',
    { class: 'stack' },
    h(
      'div',
      { class: 'more-row' },
      button('Try on the past', async () => {
        const { findings, suppressed, weakened, lost_hits } = await post('/adjustments/backtest', { proposals: [id] })
        const lost = lost_hits.length > 0 ? ` (${number(lost_hits.length)} called attacks)` : ''
        const effect = `spare ${number(total(suppressed))}${lost} and weaken ${number(total(weakened))}`
        tried.replaceChildren(`Of ${number(findings)} findings it would ${effect}.`)
      }),
      button('Apply', async () => {
        await post('/adjustments', { proposals: [id] })
        say('It is in force from the next batch on.')
        await reload()
      }),
    ),
    tried,
  )
}

function total(counts) {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function what(adjustment) {
  if (adjustment.kind === 'threshold')
    return `${titled(adjustment.model)} counts from ${Math.round(adjustment.min_score * 100)} on`
  const { rules = [], models = [], client, user, target } = adjustment
  const said = [...rules.map((rule) => `rule ${rule}`), ...models.map(titled)].join(', ') || 'everything'
  const where = [client && `client ${client}`, user && `user ${user}`, target && `target ${target}`].filter(Boolean)
  return `Allow ${said}${where.length > 0 ? ` for ${where.join(', ')}` : ''}`
}
