import { SEVERITIES } from '../../core/documents/severity.ts'
import type { TopEntry } from '../../queries/findings/top.ts'
import { bytesText } from '../bytes-text.ts'
import { html, type Markup, trusted } from './html.ts'
import type { ReportData } from './model.ts'
import { attackName, minute, number, period, plural, titled } from './words.ts'

/** The facts in figures. */
export function overview(data: ReportData): Markup {
  const { totals, findings, incidents, moreIncidents, learning, batches, generatedAt } = data
  const seconds =
    batches.reduce((sum, { startedAt, finishedAt }) => sum + ((finishedAt ?? generatedAt) - startedAt), 0) / 1000
  const urgent = findings.bySeverity.critical + findings.bySeverity.high
  const facts: readonly (readonly [string, string, string])[] = [
    [
      'Lines read',
      number(totals.lines),
      `${bytesText(totals.bytes)} in ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`,
    ],
    ['Findings', number(findings.total), urgent > 0 ? `${number(urgent)} high or critical` : 'none high or critical'],
    ['Incidents', number(incidents.length + moreIncidents), ''],
    [
      'Not understood',
      number(totals.rejected),
      totals.lines > 0 ? `${share(totals.rejected, totals.lines)} of lines` : '',
    ],
    ...(learning ? [['Phase', titled(learning.phase), phaseNote(learning)] as const] : []),
  ]
  return html`<dl class="facts">${facts.map(
    ([name, value, note]) =>
      html`<div><dt>${name}</dt><dd>${value}${note && html`<div class="note">${note}</div>`}</dd></div>`,
  )}</dl>`
}

function phaseNote({ phase, warmupSeen, warmupTarget }: NonNullable<ReportData['learning']>): string {
  if (phase === 'warmup' && warmupTarget) return `${number(warmupSeen ?? 0)} of ${number(warmupTarget)} events`
  return {
    warmup: 'rules only',
    training: 'models are being trained',
    waiting: 'waiting for data',
    ensemble: 'rules and models',
  }[phase]
}

export function share(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %'
  const percent = (part / whole) * 100
  return percent < 0.01 ? 'under 0.01 %' : `${percent < 10 ? percent.toFixed(2) : percent.toFixed(0)} %`
}

/** Traffic and findings over time, as a chart and as a table for screen readers. */
export function timelineSection({ timeline, timelineCut, findings }: ReportData): Markup | null {
  if (!timeline) return null
  const present = [...SEVERITIES].reverse().filter((severity) => findings.bySeverity[severity] > 0)
  const rows = timeline.events.flatMap((events, i) => {
    const counts = present.map((severity) => timeline.findings[severity][i])
    return events > 0 || counts.some((n) => n > 0)
      ? [
          html`<tr><th scope="row">${minute(timeline.start + i * timeline.width)}</th><td class="num">${number(events)}</td>${counts.map((n) => html`<td class="num">${n}</td>`)}</tr>`,
        ]
      : []
  })
  // Inside a script element only `</` and `<!--` could end it; escaping every `<` rules out both.
  const json = JSON.stringify(timeline).replaceAll('<', '\\u003c')
  return html`<section class="card" aria-labelledby="h-timeline">
<div class="head"><h2 id="h-timeline">Traffic and findings</h2><div class="legend"><span>Events</span>${present.map((severity) => html`<span class="${severity}">${titled(severity)}</span>`)}${present.length > 0 && html`<span class="score">Highest score</span>`}</div></div>
<div id="timeline" class="chart" role="img" aria-label="Events and findings over time; the table below holds the same figures"></div>
<script type="application/json" id="timeline-data">${trusted(json)}</script>
${timelineCut && html`<p class="small muted">The busiest period: ${period(timeline.start, timeline.start + timeline.width * timeline.events.length)}. Some events lie outside it.</p>`}
<details class="data-table"><summary>As a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Events and findings by time"><table><thead><tr><th scope="col">From (UTC)</th><th scope="col" class="num">Events</th>${present.map((severity) => html`<th scope="col" class="num">${titled(severity)}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div></details>
</section>`
}

/** Severity and attack types; then who and where. */
export function topSections(data: ReportData): Markup | null {
  if (data.findings.total === 0) return null
  const { byAttackType, bySeverity } = data.findings
  const worst = [...SEVERITIES].reverse()
  const most = Math.max(1, ...Object.values(bySeverity))
  const types = Object.entries(byAttackType).slice(0, 8)
  const mostType = Math.max(1, ...types.map(([, n]) => n))
  return html`<div class="columns">
<section class="card" aria-labelledby="h-severity"><h2 id="h-severity">Severity</h2><ul class="bars">${worst.map((severity) => bar(titled(severity), bySeverity[severity], most, severity))}</ul></section>
${types.length > 0 && html`<section class="card" aria-labelledby="h-types"><h2 id="h-types">Attack types</h2><ul class="bars">${types.map(([name, n]) => bar(attackName(name), n, mostType))}</ul></section>`}
</div>
<div class="columns">${top('Addresses', 'h-addresses', data.addresses)}${top('Users', 'h-users', data.users)}${top('Paths', 'h-paths', data.paths)}</div>`
}

function bar(name: string, n: number, most: number, tone = ''): Markup {
  const width = n === 0 ? 0 : Math.max(1, Math.round((n / most) * 100))
  return html`<li class="${tone}"><span class="name">${name}</span><span>${number(n)}</span><div class="track" aria-hidden="true">${width > 0 && html`<div class="fill" style="width:${width}%"></div>`}</div></li>`
}

function top(title: string, id: string, entries: readonly TopEntry[]): Markup | null {
  if (entries.length === 0) return null
  const most = Math.max(...entries.map(({ findings }) => findings))
  return html`<section class="card" aria-labelledby="${id}"><h2 id="${id}">${title}</h2><ul class="bars">${entries.map(
    ({ name, findings, severity, attackTypes }) =>
      html`<li class="${severity}"><span class="name"><span class="mono">${cutMiddle(name)}</span>${
        attackTypes.length > 0 && html` <span class="small muted">${attackTypes.map(attackName).join(', ')}</span>`
      }</span><span>${plural(findings, 'finding')}</span><div class="track" aria-hidden="true"><div class="fill" style="width:${Math.max(1, Math.round((findings / most) * 100))}%"></div></div></li>`,
  )}</ul></section>`
}

function cutMiddle(text: string): string {
  return text.length > 90 ? `${text.slice(0, 60)}…${text.slice(-24)}` : text
}
