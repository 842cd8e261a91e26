import { describe, expect, it } from 'vitest'
import { RulesDetector } from '../../../../src/detectors/rules/detector.ts'
import { rulesOfText } from '../../../../src/detectors/rules/loading/load.ts'
import { requestBlock } from '../../../../src/detectors/rules/selftest/events.ts'

function rule(oddline: string): string {
  return `title: Probe\nid: probe\noddline: ${oddline}\nlogsource: {category: webserver}
detection: {selection: {decoded|contains: probe}, condition: selection}\n`
}

function matchOf(text: string) {
  const detector = new RulesDetector(rulesOfText(text, 'mine.yaml'))
  const block = requestBlock([{ target: '/probe' }])
  const [score] = detector.score(block)
  const evidence = detector.explain(block, 0, score)
  return evidence.detector === 'rules' ? evidence.matches[0] : undefined
}

describe('the section `oddline` of a rule', () => {
  it('is carried into the evidence, with the fields of titles unfilled', () => {
    const texts = '{title: "Probe of {page}", title_succeeded: "{page} answered {status}", remedy: Look at it.}'
    expect(matchOf(rule(texts))).toMatchObject({
      incident_title: 'Probe of {page}',
      incident_title_succeeded: '{page} answered {status}',
      remedy: 'Look at it.',
    })
  })

  it('leaves no key in the evidence for a text that the rule does not have', () => {
    expect(Object.keys(matchOf(rule('{remedy: Look at it.}')) ?? {})).not.toContain('incident_title')
  })

  it.each([
    ['{title: "Probe of {pge}"}', 'mine.yaml: oddline.title: {pge} is not a field of an incident; use one of user,'],
    ['{title: "Probe of {page"}', 'mine.yaml: oddline.title: has a brace without its partner'],
    ['{remedies: x}', 'mine.yaml: oddline: does not know remedies; it has title, title_succeeded and remedy'],
    ['{remedy: [x]}', 'mine.yaml: oddline.remedy: Invalid input: expected string'],
  ])('is refused as %s, with the reason', (oddline, message) => {
    expect(() => rulesOfText(rule(oddline), 'mine.yaml')).toThrow(message)
  })
})
