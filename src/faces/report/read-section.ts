import { html, type Markup } from './html.ts'
import type { ReportData } from './model.ts'
import { share } from './summary-sections.ts'
import { minute, number, plural, titled } from './words.ts'

const MAX_FILES = 100
const MAX_REJECTS = 20

/** What the models know and whether the traffic still looks like it. */
export function learningSection({ learning, findings }: ReportData): Markup | null {
  if (!learning) return null
  const detectors = Object.entries(findings.byDetector)
  return html`<section class="card" aria-labelledby="h-learning">
<div class="head"><h2 id="h-learning">Learning</h2><span class="small muted">phase: ${learning.phase}</span></div>
<p class="quiet">${learningText(learning)}</p>
${detectors.length > 0 && html`<p class="small muted" style="margin-top:8px">Findings that each detector had an opinion of: ${detectors.map(([name, n]) => `${titled(name)} ${number(n)}`).join(', ')}.</p>`}
</section>`
}

function learningText(learning: NonNullable<ReportData['learning']>): string {
  const { phase, warmupSeen = 0, warmupTarget, modelVersion, trainedAt, drift, driftDetail } = learning
  const model = modelVersion
    ? `Model ${modelVersion}${trainedAt ? ` was trained on ${minute(trainedAt)} UTC` : ' is in use'}.`
    : 'No model has been trained yet; the rules alone have judged.'
  const progress =
    phase === 'warmup' && warmupTarget
      ? ` ${number(warmupSeen)} of ${number(warmupTarget)} events have been watched before training begins.`
      : ''
  const drifted =
    drift === undefined
      ? ''
      : ` Drift: ${driftDetail ?? `${share(drift, 1)} of recent events look unlike the training data.`}`
  return `${model}${progress}${drifted}`
}

/** What was read, and what could not be. */
export function readSection({ totals, problems, rejects }: ReportData): Markup | null {
  if (totals.files.length === 0 && problems.length === 0) return null
  return html`<section class="card" aria-labelledby="h-read">
<div class="head"><h2 id="h-read">What was read</h2><span class="small muted">${plural(totals.lines, 'line')}: ${number(totals.parsed)} understood, ${number(totals.rejected)} not, ${number(totals.skipped)} blank</span></div>
<div class="scroll" tabindex="0" role="region" aria-label="Files that were read"><table><thead><tr><th scope="col">File</th><th scope="col">Format</th><th scope="col" class="num">Lines</th><th scope="col" class="num">Not understood</th><th scope="col" class="num">Findings</th></tr></thead><tbody>${totals.files
    .slice(0, MAX_FILES)
    .map(
      (file) =>
        html`<tr><td class="mono">${file.path}</td><td>${file.format}</td><td class="num">${number(file.lines)}</td><td class="num">${number(file.rejected)}</td><td class="num">${number(file.findings)}</td></tr>`,
    )}</tbody></table></div>
${totals.files.length > MAX_FILES && html`<p class="small muted">and ${plural(totals.files.length - MAX_FILES, 'further file')}</p>`}
${problems.length > 0 && html`<h3 style="margin:18px 0 6px">Not read as they should be</h3><table class="fixed"><tbody>${problems.map(({ path, kind, detail }) => html`<tr><td class="mono">${path}</td><td>${titled(kind)}</td><td>${detail}</td></tr>`)}</tbody></table>`}
${
  rejects.length > 0 &&
  html`<h3 style="margin:18px 0 6px">Lines that were not understood${totals.rejected > rejects.length && ' (some of them)'}</h3><table class="fixed"><tbody>${rejects
    .slice(0, MAX_REJECTS)
    .map(
      ({ file, line, reason, text }) =>
        html`<tr><td><span class="mono">${file}:${line}</span><br><span class="small muted">${reason}</span></td><td><code class="raw">${text.slice(0, 300)}</code></td></tr>`,
    )}</tbody></table>`
}
</section>`
}
