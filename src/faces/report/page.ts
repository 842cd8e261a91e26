import { createHash } from 'node:crypto'
import { asset, uplotAsset } from '../look/assets.ts'
import { html, type Markup, trusted } from './html.ts'
import { incidentSection } from './incidents-section.ts'
import type { ReportData } from './model.ts'
import { learningSection, readSection } from './read-section.ts'
import { overview, timelineSection, topSections } from './summary-sections.ts'
import { minute, period, threeSentences } from './words.ts'

/**
 * A report as one HTML file that opens from disk and uses no network. The content security policy names its scripts by
 * hash, so a script in a log line could not run even if it were not escaped.
 */
export function reportHtml(data: ReportData): string {
  const charts = scripts(data)
  const styles = [uplotAsset('uPlot.min.css'), asset('look', 'look.css'), asset('report', 'report.css')].join('\n')
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; script-src ${
    charts.map(hashOf).join(' ') || "'none'"
  }`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Oddline">
<title>${data.title}${data.span && `, ${period(data.span.first, data.span.last)}`}</title>
<style>${trusted(styles)}</style>
</head>
<body>
<main class="page">
${masthead(data)}
${lead(data)}
${overview(data)}
${timelineSection(data)}
${incidentSection(data)}
${topSections(data)}
${learningSection(data)}
${readSection(data)}
<footer>Written by Oddline on ${minute(data.generatedAt)} UTC. Times are UTC. Text from logs is shown as it was written, with invisible characters as escapes.</footer>
</main>
${charts.map((script) => html`<script>${trusted(script)}</script>\n`)}
</body>
</html>
`.toString()
}

export const MARK = trusted(
  '<svg class="mark" viewBox="0 0 20 18" aria-hidden="true"><rect x="0" y="1" width="16" height="2.4" rx="1.2"/><rect x="0" y="5.6" width="16" height="2.4" rx="1.2"/><rect class="odd" x="4" y="10.2" width="16" height="2.4" rx="1.2"/><rect x="0" y="14.8" width="16" height="2.4" rx="1.2"/></svg>',
)

function masthead(data: ReportData): Markup {
  return html`<header class="masthead">${MARK}<h1>${data.title}</h1>${
    data.span && html`<span>${period(data.span.first, data.span.last)}</span>`
  }<span class="end">Oddline${data.batches.length === 1 && html` · batch <span class="mono">${data.batches[0].id}</span>`}</span></header>`
}

function lead(data: ReportData): Markup {
  return html`<div class="lead">${threeSentences(data).map((sentence) => html`<p>${sentence}</p>`)}</div>`
}

function scripts(data: ReportData): string[] {
  if (!data.timeline) return [asset('report', 'report.js')]
  return [uplotAsset('uPlot.iife.min.js'), asset('look', 'charts.js'), asset('report', 'report.js')]
}

function hashOf(script: string): string {
  return `'sha256-${createHash('sha256').update(script).digest('base64')}'`
}
