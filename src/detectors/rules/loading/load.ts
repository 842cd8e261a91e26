import { messageOf, OddlineError } from '../../../core/errors.ts'
import { readRegularFile } from '../../../core/files/regular-file.ts'
import type { Correlation, Filter, Level, Rule, SigmaDocument } from '../sigma/model.ts'
import { type ParseOptions, parseSigma } from '../sigma/parse.ts'
import { loadPipelines, type Pipeline } from './pipeline.ts'
import { shippedCache } from './rule-cache.ts'
import { ruleFiles } from './rule-files.ts'

/** A checked set of rules, correlations and filters. */
export interface RuleSet {
  readonly rules: readonly Rule[]
  /** Rules that are inactive because their placeholders have no values. */
  readonly waiting: readonly Rule[]
  readonly correlations: readonly Correlation[]
  readonly filters: readonly Filter[]
  readonly pipelines: readonly Pipeline[]
}

/** A change to a rule by configuration, without editing its file. */
export interface RuleOverride {
  readonly enabled?: boolean
  readonly level?: Level
}
export type RuleOverrides = Readonly<Record<string, RuleOverride>>

export interface LoadOptions extends ParseOptions {
  /** Directory of field mappings to use instead of the shipped one. */
  readonly pipelines?: string
}

/** A file of rules, as it was read. */
export interface RuleFile {
  readonly path: string
  readonly text: string
}

/**
 * Reads all rules below the directories, in the order of their paths.
 * @param more files that are not on disk, read after the others
 * @param onFile is given each file that was read
 * @throws OddlineError RULE_INVALID listing every broken file, duplicate id and unknown reference, one per line
 */
export function loadRules(
  directories: readonly string[],
  options: LoadOptions = {},
  more: readonly RuleFile[] = [],
  onFile: (file: RuleFile) => void = () => {},
): RuleSet {
  const read = (path: string) => {
    const file = { path, text: readRegularFile(path).toString() }
    onFile(file)
    return file
  }
  return collect(options, (parse, attempt) => {
    const paths = directories.flatMap((directory) => attempt(() => ruleFiles(directory)) ?? [])
    const files = paths.flatMap((path) => attempt(() => read(path)) ?? [])
    return [...files, ...more].flatMap(({ path, text }) => attempt(() => parse(text, path)) ?? [])
  })
}

/**
 * The rules in a text; messages call it `origin`.
 * @throws OddlineError RULE_INVALID
 */
export function rulesOfText(text: string, origin: string, options: LoadOptions = {}): RuleSet {
  return collect(options, (parse, attempt) => attempt(() => parse(text, origin)) ?? [])
}

type Attempt = <T>(work: () => T) => T | undefined
type Parse = (text: string, origin: string) => readonly SigmaDocument[]

function collect(options: LoadOptions, read: (parse: Parse, attempt: Attempt) => readonly SigmaDocument[]): RuleSet {
  const problems: string[] = []
  const attempt: Attempt = (work) => {
    try {
      return work()
    } catch (error) {
      problems.push(messageOf(error))
      return undefined
    }
  }
  const { cache = shippedCache() } = options
  const documents = read((text, origin) => parseSigma(text, origin, { ...options, cache }), attempt)
  const pipelines = attempt(() => loadPipelines(options.pipelines, cache)) ?? []
  const rules = documents.filter((document) => document.kind === 'rule')
  const set: RuleSet = {
    rules: rules.filter(({ unfilled }) => unfilled.length === 0),
    waiting: rules.filter(({ unfilled }) => unfilled.length > 0),
    correlations: documents.filter((document) => document.kind === 'correlation'),
    filters: documents.filter((document) => document.kind === 'filter'),
    pipelines,
  }
  problems.push(...inconsistencies(set, problems.length === 0))
  if (problems.length > 0) {
    throw new OddlineError(
      'RULE_INVALID',
      `the rules are invalid; correct these errors and try again:\n${problems.join('\n')}`,
    )
  }
  return { ...set, correlations: set.correlations.map((correlation) => withIds(correlation, set)) }
}

/**
 * Checks ids and references. References are checked only if every file was read; otherwise a broken file is reported
 * twice.
 */
function inconsistencies(set: RuleSet, complete: boolean): string[] {
  const problems: string[] = []
  const origins = new Map<string, string>()
  for (const document of [...set.rules, ...set.waiting, ...set.correlations, ...set.filters]) {
    const other = origins.get(document.id)
    if (other) problems.push(`${document.origin}: the id ${document.id} is already used by ${other}`)
    origins.set(document.id, document.origin)
  }
  if (!complete) return problems
  const known = identities(set)
  for (const document of [...set.correlations, ...set.filters]) {
    for (const rule of document.rules) {
      if (!known.has(rule)) problems.push(`${document.origin}: refers to "${rule}", but no rule has this id or name`)
    }
  }
  for (const correlation of set.correlations) {
    if (isCyclic(correlation, set)) problems.push(`${correlation.origin}: refers to itself through its rules`)
  }
  return problems
}

function identities(set: RuleSet): Map<string, string> {
  const found = new Map<string, string>()
  for (const { id, name } of [...set.rules, ...set.waiting, ...set.correlations]) {
    found.set(id, id)
    if (name !== undefined) found.set(name, id)
  }
  return found
}

function isCyclic(start: Correlation, set: RuleSet): boolean {
  const known = identities(set)
  const seen = new Set<string>()
  const queue = [...start.rules]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const id = known.get(next)!
    if (id === start.id) return true
    if (seen.has(id)) continue
    seen.add(id)
    queue.push(...(set.correlations.find((correlation) => correlation.id === id)?.rules ?? []))
  }
  return false
}

/** Replaces names by ids in references and aliases. */
function withIds(correlation: Correlation, set: RuleSet): Correlation {
  const known = identities(set)
  const aliases = Object.entries(correlation.aliases).map(([alias, fields]) => [
    alias,
    Object.fromEntries(Object.entries(fields).map(([rule, field]) => [known.get(rule) ?? rule, field])),
  ])
  return {
    ...correlation,
    rules: correlation.rules.map((rule) => known.get(rule) ?? rule),
    aliases: Object.fromEntries(aliases),
  }
}
