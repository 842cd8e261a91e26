import { z } from 'zod'
import type { Finding } from '../../core/documents/finding.ts'
import { atLeast, SEVERITIES } from '../../core/documents/severity.ts'
import { type Glob, glob } from './glob.ts'

const Globs = z.array(z.string().min(1)).min(1)

/** Selects findings for a sink. Every given key must match; in a list, one match is enough. */
export const RouteSchema = z.strictObject({
  severity: z
    .enum(SEVERITIES)
    .default('high')
    .describe('Lowest severity that the sink gets: low, medium, high or critical. Default high.'),
  sources: Globs.optional().describe('Paths of log files, with * and ?. Example: ["/var/log/nginx/*"].'),
  rules: Globs.optional().describe(
    'Ids or titles of rules, with * and ?. Findings without a rule do not match. Example: ["SQL injection*"].',
  ),
  tags: Globs.optional().describe('Attack types or ATT&CK techniques, with * and ?. Example: [sqli, T1190].'),
})

export type Route = z.infer<typeof RouteSchema>

/** Compiles a route to a predicate. */
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
