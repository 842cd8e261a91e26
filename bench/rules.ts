import { readFileSync } from 'node:fs'
import { RulesDetector, SCORE_OF } from '../src/detectors/rules/detector.ts'
import { loadRules } from '../src/detectors/rules/loading/load.ts'
import { requestBlock } from '../src/detectors/rules/selftest/events.ts'
import { httpBlock, parseCombined } from '../test/support/blocks/http-block.ts'
import { dataFile } from './support/data.ts'
import { ldapInjections, redirects } from './support/injections.ts'
import { report } from './support/report.ts'
import { throughput } from './support/rules-throughput.ts'
import { encodedNames, traversals } from './support/traversals.ts'
import { crsUris, goTestWaf, type Labelled, payloadValues } from './support/web-corpora.ts'

/**
 * The shipped rules against public corpora: an event counts as flagged from a match of level medium on. `--misses` and
 * `--flags` list what was missed and what was flagged of the benign, to be judged by a person.
 */
const rules = loadRules(['config/rules'])
const detector = new RulesDetector(rules)
const show = new Set(process.argv.slice(2))
const figures: Record<string, number> = {}

function rate(events: readonly Labelled[], wanted: boolean, name: string, judge = detector): number {
  const block = requestBlock(events.map(({ request }) => request))
  const scores = judge.score(block)
  let flagged = 0
  for (const [i, { request, label }] of events.entries()) {
    const hit = scores[i] >= SCORE_OF.medium
    if (hit) flagged++
    if (hit === wanted || !show.has(wanted ? '--misses' : '--flags')) continue
    const why = hit ? judge.explain(block, i, scores[i]).summary.slice(0, 120) : ''
    console.log(`${name}\t${label}\t${decode(request.target).slice(0, 200)}\t${request.user_agent ?? ''}\t${why}`)
  }
  return flagged / events.length
}

function decode(target: string): string {
  try {
    return decodeURIComponent(target)
  } catch {
    return target
  }
}

const values = payloadValues()
for (const label of ['sqli', 'xss', 'path-traversal', 'cmdi']) {
  const attacks = values.filter((value) => value.label === label)
  figures[`payload_${label.replace('-', '_')}_recall`] = rate(attacks, true, 'payload')
}
// Many traversals of the corpus contain the placeholder of a fuzzing list, which a separate rule finds: without that
// rule.
const marks = rules.rules.find(({ title }) => title === 'Placeholder of a fuzzing list')!
const withoutMarks = new RulesDetector(rules, { overrides: { [marks.id]: { enabled: false } } })
const listed = values.filter(({ label }) => label === 'path-traversal')
figures.payload_path_traversal_recall_without_marks = rate(listed, true, 'payload without marks', withoutMarks)
const normal = values.filter(({ label }) => label === 'norm')
figures.payload_normal_flagged = rate(normal, false, 'payload')
const waf = goTestWaf()
figures.gotestwaf_recall = rate(
  waf.filter(({ label }) => label === 'attack'),
  true,
  'gotestwaf',
)
figures.gotestwaf_benign_flagged = rate(
  waf.filter(({ label }) => label !== 'attack'),
  false,
  'gotestwaf',
)
figures.traversal_encodings = traversals().length
figures.traversal_encodings_recall = rate(traversals(), true, 'traversal')
figures.encoded_names_flagged = rate(encodedNames(), false, 'encoded name')
figures.ldap_recall = rate(ldapInjections(), true, 'ldap')
figures.redirect_recall = rate(redirects(), true, 'redirect')
const crs = crsUris()
figures.crs_uri_recall = rate(crs, true, 'crs')
figures.crs_uri_stages = crs.length

const lines = readFileSync(dataFile('web', 'apache_access_5000.log'), 'utf8').split('\n')
const requests = lines.map(parseCombined).filter((request) => request !== undefined)
const access = httpBlock(requests)
const scores = detector.score(access)
let flagged = 0
for (let i = 0; i < access.count; i++) {
  if (Number.isNaN(scores[i])) continue
  if (scores[i] >= SCORE_OF.medium) flagged++
  const { summary } = detector.explain(access, i, scores[i])
  console.log(`apache\t${scores[i].toFixed(2)}\t${access.target.at(i).slice(0, 120)}\t${summary.slice(0, 160)}`)
}
figures.apache_flagged = flagged / access.count

Object.assign(figures, show.has('--accuracy') ? {} : throughput(requests))

report(
  'rules',
  figures,
  {},
  {
    payload_sqli_recall: { min: 0.99 },
    payload_xss_recall: { min: 0.99 },
    payload_path_traversal_recall: { min: 0.99 },
    payload_cmdi_recall: { min: 0.95 },
    payload_normal_flagged: { max: 0.001 },
    gotestwaf_recall: { min: 0.9 },
    gotestwaf_benign_flagged: { max: 0.1 },
    traversal_encodings_recall: { min: 0.95 },
    encoded_names_flagged: { max: 0 },
    ldap_recall: { min: 0.95 },
    redirect_recall: { min: 0.95 },
    crs_uri_recall: { min: 0.85 },
    apache_flagged: { max: 0.001 },
    lines_per_second: { min: 1_000_000 },
    sigmahq_part_of_speed: { min: 1 / 3 },
    hostile_cost_ratio: { max: 20 },
  },
)
