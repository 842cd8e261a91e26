import type { Finding } from '../../core/documents/finding.ts'
import { evidenceMarkup } from './evidence.ts'
import { html, type Markup } from './html.ts'
import type { ReportData, ReportIncident } from './model.ts'
import { attackName, headline, minute, period, plural, titled } from './words.ts'

/** The incidents, most severe first. Details open by keyboard and without scripts. */
export function incidentSection(data: ReportData): Markup | null {
  if (data.findings.total === 0) return null
  if (data.incidents.length === 0) return looseSection(data.loose)
  return html`<section aria-labelledby="h-incidents">
<div class="head"><h2 id="h-incidents">Incidents</h2><span class="small muted">gravest first${data.moreIncidents > 0 && `; ${plural(data.moreIncidents, 'further one')} not shown`}</span></div>
<div class="incidents">${data.incidents.map(incident)}</div>
</section>`
}

function incident({ incident, findings }: ReportIncident): Markup {
  return html`<details class="incident" id="incident-${incident.id}">
<summary><span><span class="badge ${incident.severity}">${titled(incident.severity)}</span></span><span class="what">${attackName(incident.what)} · ${incident.who}</span><span class="when">${plural(incident.findings, 'finding')}</span><span class="sentence">${incident.summary}<br><span class="muted">${period(incident.firstSeen, incident.lastSeen)}${incident.status === 'resolved' && ', resolved'}</span></span><span class="more" aria-hidden="true"></span></summary>
<div class="body">${findings.map(findingMarkup)}${
    incident.findings > findings.length &&
    html`<p class="small muted">Shown: ${plural(findings.length, 'finding')} that ${findings.length === 1 ? 'speaks' : 'speak'} for the ${plural(incident.findings, 'finding')} of this incident. <code>oddline incidents show ${incident.id}</code> lists them all.</p>`
  }</div>
</details>`
}

function looseSection(findings: readonly Finding[]): Markup {
  return html`<section aria-labelledby="h-findings">
<div class="head"><h2 id="h-findings">Findings</h2><span class="small muted">strongest first</span></div>
<div class="incidents">${findings.map(
    (finding) =>
      html`<details class="incident"><summary><span><span class="badge ${finding.oddline.severity}">${titled(finding.oddline.severity)}</span></span><span class="what">${headline(finding)} · ${finding.oddline.session}</span><span class="when">${finding.event.risk_score} of 100</span><span class="sentence">${finding.message}</span><span class="more" aria-hidden="true"></span></summary><div class="body">${findingMarkup(finding)}</div></details>`,
  )}</div>
</section>`
}

/** One finding: what happened, the line, and what each detector says of it. */
export function findingMarkup(finding: Finding): Markup {
  const { log, oddline, event } = finding
  return html`<article class="finding">
<p>${finding.message}</p>
<code class="raw">${event.original}${oddline.truncated && '…'}</code>
<p class="where"><span>${minute(Date.parse(finding['@timestamp']))} UTC</span><span class="mono">${log.file.path}:${log.file.line}</span><span>byte ${log.offset}</span><span>score ${event.risk_score} of 100</span><span>id <span class="mono">${event.id}</span></span></p>
${evidenceMarkup(finding)}
</article>`
}
