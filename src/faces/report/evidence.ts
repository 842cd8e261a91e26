import type { Evidence, Finding, RuleMatch } from '../../core/documents/finding.ts'
import { html, type Markup } from './html.ts'
import { DETECTOR_NAME, number, titled } from './words.ts'

const MAX_FEATURES = 5
const MAX_EXPECTED = 3
const MAX_CONTEXT = 6

/** What each detector says about a finding, highest score first. */
export function evidenceMarkup({ oddline }: Finding): Markup {
  const ranked = [...oddline.evidence].sort((a, b) => b.score - a.score)
  return html`<div class="evidence">${ranked.map((one) => opinion(one, oddline.weights[one.detector]))}</div>`
}

function opinion(one: Evidence, weight: number | undefined): Markup {
  const votes = weight === undefined ? '' : `, ${Math.round(weight * 100)} % of the vote`
  return html`<div class="opinion"><p class="who"><strong>${DETECTOR_NAME[one.detector]}</strong><span class="small muted">score ${(one.score * 100).toFixed(0)}${votes}</span></p><p>${one.summary}</p>${details(one)}</div>`
}

function details(one: Evidence): Markup | null {
  switch (one.detector) {
    case 'rules':
      return html`${one.matches.map(match)}`
    case 'isolation_forest':
      return html`<table class="features"><thead><tr><th scope="col">Feature</th><th scope="col" class="num">Here</th><th scope="col" class="num">Usually</th><th scope="col" class="num">Share</th></tr></thead><tbody>${one.features
        .slice(0, MAX_FEATURES)
        .map(
          ({ name, actual, typical, share }) =>
            html`<tr><td>${titled(name)}</td><td class="num">${short(actual)}</td><td class="num">${short(typical)}</td><td class="num">${Math.round(share * 100)} %</td></tr>`,
        )}</tbody></table>`
    case 'transformer':
      return html`${one.context.length > 0 && html`<p class="small muted">Before it: <span class="mono">${one.context.slice(-MAX_CONTEXT).join(' → ')}</span></p>`}
<ul class="steps"><li class="seen"><span class="p">${percent(one.seen.probability)}</span><span class="mono">${one.seen.template}</span></li>${one.expected
        .slice(0, MAX_EXPECTED)
        .map(
          ({ template, probability }) =>
            html`<li><span class="p">${percent(probability)}</span><span class="mono">${template}</span></li>`,
        )}</ul>`
    default:
      return one satisfies never
  }
}

function match({ title, level, field, matched, techniques }: RuleMatch): Markup {
  return html`<p class="matched"><span class="tag">${titled(level)}</span> ${title}${
    matched && html`: <code>${field}</code> holds <mark class="mono">${matched}</mark>`
  }${techniques.map((technique) => html` <span class="tag">${technique}</span>`)}</p>`
}

function short(value: number): string {
  if (Number.isInteger(value)) return number(value)
  return Math.abs(value) >= 100 ? number(Math.round(value)) : String(Number(value.toPrecision(3)))
}

function percent(probability: number): string {
  const value = probability * 100
  if (value > 0 && value < 0.01) return '< 0.01 %'
  return `${value >= 10 ? value.toFixed(0) : Number(value.toPrecision(2))} %`
}
