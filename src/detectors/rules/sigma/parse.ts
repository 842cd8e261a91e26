import { z } from 'zod'
import { parseCondition } from './condition.ts'
import { parseCorrelation } from './correlation.ts'
import { combineSearches, compileSearch } from './detection.ts'
import { anyOf, type Expression } from './expression.ts'
import { IncidentTexts } from './incident-texts.ts'
import { LEVELS, type LogSource, type Rule, type RuleTests, type SigmaDocument } from './model.ts'
import { type Placeholders, unfilled } from './placeholders.ts'
import { readYaml } from './read-yaml.ts'

export interface ParseOptions {
  /** Cache of parsed files. */
  readonly cache?: DocumentCache
  /** Values for `%name%` in rules with the modifier `expand`. */
  readonly placeholders?: Placeholders
}

/** Content of YAML documents, by the text of their file. */
export interface DocumentCache {
  documents(text: string): readonly unknown[] | undefined
  keep(text: string, documents: readonly unknown[]): void
}

const MAX_FILE = 1024 * 1024

/**
 * Reads every document of a Sigma file. `origin` names the file in messages.
 * @throws Error with one line per problem
 */
export function parseSigma(text: string, origin: string, options: ParseOptions = {}): readonly SigmaDocument[] {
  if (text.length > MAX_FILE) throw new Error(`${origin}: is larger than the limit of 1 MB for rule files; split it`)
  const known = options.cache?.documents(text)
  const contents = known?.map((content) => () => content) ?? readYaml(text)
  const documents: SigmaDocument[] = []
  const problems: string[] = []
  const read: unknown[] = []
  for (const [number, contentOf] of contents.entries()) {
    const where = contents.length > 1 ? `${origin} (document ${number + 1})` : origin
    try {
      const content = contentOf()
      read.push(content)
      if (content !== null && content !== undefined)
        documents.push(parseDocument(content, where, options.placeholders ?? {}))
    } catch (error) {
      problems.push(`${where}: ${describe(error)}`)
    }
  }
  if (documents.length === 0 && problems.length === 0) problems.push(`${origin}: contains no rule`)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  if (!known) options.cache?.keep(text, read)
  return documents
}

function describe(error: unknown): string {
  if (error instanceof z.ZodError) {
    return error.issues.map((issue) => `${issue.path.join('.') || 'the document'}: ${issue.message}`).join('; ')
  }
  return error instanceof Error ? error.message : String(error)
}

const Text = z.coerce.string()
const LogSourceSchema = z.looseObject({
  category: z.string().nullish(),
  product: z.string().nullish(),
  service: z.string().nullish(),
})
const Header = z.looseObject({
  title: z.string().min(1).max(256),
  id: z.string().optional(),
  name: z.string().optional(),
  description: z.string().nullish(),
  status: z.string().optional(),
  level: z.enum(LEVELS).optional(),
  tags: z.array(z.string()).nullish(),
  falsepositives: z.union([z.array(Text), Text]).nullish(),
  oddline: IncidentTexts.optional(),
  tests: z
    .strictObject({ match: z.array(z.unknown()).default([]), quiet: z.array(z.unknown()).default([]) })
    .optional(),
})
const Detection = z.record(z.string(), z.unknown())

function parseDocument(content: unknown, origin: string, placeholders: Placeholders): SigmaDocument {
  const header = Header.parse(content)
  const base = {
    id: header.id ?? header.name ?? header.title,
    name: header.name,
    title: header.title,
    description: header.description ?? '',
    status: header.status ?? 'experimental',
    level: header.level ?? 'medium',
    tags: header.tags ?? [],
    techniques: techniquesOf(header.tags ?? []),
    attackType: (header.tags ?? []).find((tag) => tag.startsWith('oddline.'))?.slice('oddline.'.length) ?? '',
    falsePositives: [header.falsepositives ?? []].flat(),
    incident: header.oddline ?? {},
    origin,
    tests: (header.tests ?? { match: [], quiet: [] }) satisfies RuleTests,
  }
  const raw = content as Record<string, unknown>
  if (raw.correlation !== undefined) {
    const correlation = parseCorrelation(raw.correlation)
    const silence = correlation.type === 'oddline_silence'
    return { ...base, ...correlation, logSource: silence ? readLogSource(raw.logsource) : undefined }
  }
  const logSource = readLogSource(raw.logsource)
  if (raw.filter !== undefined) {
    const { rules, ...searches } = Detection.parse(raw.filter)
    const targets = z.union([z.array(z.string()).min(1), z.string()]).parse(rules)
    const expression = compileSearches(searches, placeholders)
    return { ...base, kind: 'filter', logSource, rules: targets === 'any' ? [] : [targets].flat(), expression }
  }
  if (raw.detection === undefined) throw new Error('has neither "detection" nor "correlation" nor "filter"')
  const expression = compileSearches(Detection.parse(raw.detection), placeholders)
  return {
    ...base,
    kind: 'rule',
    logSource,
    expression,
    unfilled: unfilled(raw.detection, placeholders),
  } satisfies Rule
}

/** A list of conditions means alternatives: the rule fires if any of them is true. */
function compileSearches(detection: Readonly<Record<string, unknown>>, placeholders: Placeholders): Expression {
  const { condition, timeframe: _, ...searches } = detection
  const conditions = z
    .union([z.string(), z.array(z.string()).min(1)])
    .parse(condition, { error: () => 'has no condition' })
  const names = Object.keys(searches)
  if (names.length === 0) throw new Error('has no search identifier')
  // Unused search identifiers are compiled too, to report their errors.
  const compiled = new Map(names.map((name) => [name, compileSearch(name, searches[name], placeholders)]))
  return anyOf([conditions].flat().map((each) => combineSearches(parseCondition(each, names), compiled)))
}

function readLogSource(value: unknown): LogSource {
  const source = LogSourceSchema.parse(value, { error: () => 'has no logsource' })
  return {
    category: source.category ?? undefined,
    product: source.product ?? undefined,
    service: source.service ?? undefined,
  }
}

function techniquesOf(tags: readonly string[]): string[] {
  return tags
    .filter((tag) => /^attack\.t\d{4}(?:\.\d{3})?$/i.test(tag))
    .map((tag) => tag.slice('attack.'.length).toUpperCase())
}
