import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Finding, FindingSchema } from '../../src/core/documents/finding.ts'
import { formats, type Login, ordinary, paths, scenarios } from '../support/logins.ts'
import { summaryOf, workplace } from '../support/workplace.ts'

const attackerOf = (i: number) => `203.0.113.${60 + i}`

/** Rule, level and address of what the rules said, in order of the log. */
function said({ source, oddline: { evidence } }: Finding) {
  const matches = evidence.flatMap((each) => (each.detector === 'rules' ? each.matches : []))
  return matches.map(({ title, level }) => [title, level, source?.ip])
}

test.each(Object.keys(formats))(
  'a run over %s tells each attack on logins once, with its severity, and the next run nothing',
  async (format) => {
    const attacks = Object.values(scenarios)
    const logins: Login[] = [...ordinary, ...attacks.flatMap(({ attack }, i) => attack(attackerOf(i)))]
    const dir = workplace({ [paths[format]]: `${formats[format](logins).join('\n')}\n` })
    const { summary } = await summaryOf(dir)
    const lines = readFileSync(join(dir, summary.folder, 'findings.jsonl'), 'utf8')
      .trim()
      .split('\n')
    const findings = lines.map((line) => FindingSchema.parse(JSON.parse(line)))
    const wanted = attacks.flatMap((scenario, i) =>
      scenario.wanted.map(([title, level]) => [title, level, attackerOf(i)]),
    )
    expect(findings.flatMap(said)).toEqual(wanted)
    expect(findings.map(({ oddline }) => oddline.severity)).toEqual(wanted.map(([, level]) => level))
    expect((await summaryOf(dir)).summary.findings.total).toBe(0)
  },
)
