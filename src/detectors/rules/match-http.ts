import type { HttpBlock, SliceColumn } from '../../core/block.ts'
import type { CompiledSource } from './compile.ts'
import { Hits, type Literal, LiteralScanner } from './prefilter/literal-scanner.ts'
import { type PrefilterPlan, planPrefilter } from './prefilter/plan.ts'
import { Verdicts } from './prefilter/verdicts.ts'
import { HTTP_FIELDS, HttpView, normaliseHeader } from './views/http-view.ts'

/** Called for each event that some rule matched, with the numbers of those rules; `rules` is used again afterwards. */
export type OnMatch = (index: number, rules: readonly number[]) => void

/** Texts in a target that ask for another view of it, because there the views differ. */
const TRIGGERS = {
  decode: ['%', '+', '\\', ';', '&#', '\u00c0', '\u00c1', '\u00e0', '\u00ef', '\u00a0', '\u0000'],
  sql: ['/*', '*/', '  ', '\n'],
  shell: ['$', '"', "'", '\\', '^', '`', '  '],
  file: ['\\', '//', '/.'],
} as const
type Trigger = keyof typeof TRIGGERS
const TRIGGER_NAMES = Object.keys(TRIGGERS) as Trigger[]
const VIEW_OF: Readonly<Record<Exclude<Trigger, 'decode'>, number>> = {
  sql: HTTP_FIELDS.findIndex(({ name }) => name === 'sql'),
  shell: HTTP_FIELDS.findIndex(({ name }) => name === 'shell'),
  file: HTTP_FIELDS.findIndex(({ name }) => name === 'file'),
}

/**
 * Matches the rules of web servers against blocks of requests. The target is scanned for literals in place; decoding
 * and folding happen where the bytes ask for it; a rule is evaluated only where one of its literals was seen.
 */
export class HttpMatcher {
  readonly source: CompiledSource
  readonly view = new HttpView()
  readonly #plan: PrefilterPlan
  readonly #target: LiteralScanner
  readonly #hits: Hits
  readonly #status: readonly (Int32Array | undefined)[] | undefined
  readonly #cached: readonly { readonly verdicts: Verdicts; readonly column: (block: HttpBlock) => SliceColumn }[]
  readonly #matched: number[] = []

  constructor(source: CompiledSource) {
    this.source = source
    this.#plan = planPrefilter(source)
    const rules = this.#plan.ruleCount
    const triggers = TRIGGER_NAMES.flatMap((name, n) =>
      TRIGGERS[name].map((text): Literal => ({ text, id: rules + n })),
    )
    this.#target = new LiteralScanner([...(this.#plan.literals.get('target') ?? []), ...triggers])
    this.#hits = new Hits(rules + TRIGGER_NAMES.length)
    this.#status = this.#plan.numbers.get('status')
    this.#cached = this.#cachedFields()
  }

  match(block: HttpBlock, onMatch: OnMatch): void {
    const { text, starts, ends } = block.target
    const hits = this.#hits
    for (let i = 0; i < block.count; i++) {
      hits.clear()
      this.#target.scan(text, starts[i], ends[i], hits)
      const moved = hits.count > 0
      if (moved) {
        this.view.move(block, i)
        this.#scanViews()
      }
      for (const { verdicts, column } of this.#cached) {
        const { text: columnText, starts: from, ends: to } = column(block)
        if (to[i] > from[i]) hits.addAll(verdicts.of(columnText.slice(from[i], to[i])), 0)
      }
      const byStatus = this.#status?.[block.status[i]]
      if (byStatus !== undefined) hits.addAll(byStatus, 0)
      if (this.#plan.always.length > 0) hits.addAll(this.#plan.always, 0)
      if (hits.count === 0) continue
      if (!moved) this.view.move(block, i)
      this.#evaluate(i, onMatch)
    }
  }

  #scanViews(): void {
    const hits = this.#hits
    const rules = this.#plan.ruleCount
    if (hits.has(rules)) {
      const decoded = this.view.decoded()
      this.#target.scan(decoded, 0, decoded.length, hits)
    }
    for (let n = 1; n < TRIGGER_NAMES.length; n++) {
      if (!hits.has(rules + n)) continue
      for (const text of this.view.values(VIEW_OF[TRIGGER_NAMES[n] as Exclude<Trigger, 'decode'>])) {
        this.#target.scan(String(text), 0, String(text).length, hits)
      }
    }
  }

  #evaluate(index: number, onMatch: OnMatch): void {
    const { list, count } = this.#hits
    this.#matched.length = 0
    for (let c = 0; c < count; c++) {
      if (list[c] < this.#plan.ruleCount && this.source.rules[list[c]].matches(this.view)) this.#matched.push(list[c])
    }
    if (this.#matched.length > 0)
      onMatch(
        index,
        this.#matched.sort((a, b) => a - b),
      )
  }

  #cachedFields() {
    const columns: Readonly<Record<string, (block: HttpBlock) => SliceColumn>> = {
      user_agent: (block) => block.userAgent,
      referer: (block) => block.referer,
      method: (block) => block.method,
      protocol: (block) => block.protocol,
      user: (block) => block.user,
      vhost: (block) => block.vhost,
    }
    return [...this.#plan.literals]
      .filter(([field]) => field !== 'target')
      .map(([field, literals]) => ({
        verdicts: new Verdicts(literals, this.#plan.ruleCount, normaliseHeader),
        column: columns[field],
      }))
  }
}
