import { z } from 'zod'
import type { Finding } from '../../core/documents/finding.ts'
import { atLeast, SEVERITIES } from '../../core/documents/severity.ts'
import { type Glob, glob } from './glob.ts'

const Globs = z.array(z.string().min(1)).min(1)

/** Which findings a sink gets. Every key given must match; within a list one match is enough. */
export const RouteSchema = z.strictObject({
  severity: z.enum(SEVERITIES).default('high').describe('Lowest severity that this sink gets'),
  sources: Globs.optional().describe('Paths of log files, with * and ?'),
  rules: Globs.optional().describe('Ids or titles of rules, with * and ?; findings without a rule do not match'),
  tags: Globs.optional().describe('Attack types or ATT&CK techniques, such as sqli or T1190, with * and ?'),
})

export type Route = z.infer<typeof RouteSchema>

/** The route as a predicate, with its patterns prepared. */
export function matcherOf(route: Route): (finding: Finding) => boolean {
  const sources = route.sources?.map(glob)
  const rules = route.rules?.map(glob)
  const tags = route.tags?.map(glob)
  return (finding) =>
    atLeast(finding.oddline.severity, route.severity) &&
    matches(sources, [finding.log.file.path]) &&
    matches(rules, rulesOf(finding)) &&
    matches(tags, tagsOf(finding))
}

function matches(patterns: readonly Glob[] | undefined, values: readonly string[]): boolean {
  return patterns === undefined || values.some((value) => patterns.some((pattern) => pattern(value)))
}

function rulesOf(finding: Finding): string[] {
  const names = finding.rule ? [finding.rule.id, finding.rule.name] : []
  for (const evidence of finding.oddline.evidence) {
    if (evidence.detector === 'rules') for (const match of evidence.matches) names.push(match.id, match.title)
  }
  return names
}

function tagsOf(finding: Finding): string[] {
  return [...finding.oddline.attack_types, ...(finding.threat?.technique.id ?? [])]
}
