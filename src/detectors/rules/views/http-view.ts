import { decodeUtf8, type EventBlock, type HttpBlock, own, type SliceColumn } from '../../../core/columns/block.ts'
import type { Ids } from '../../../core/columns/dictionary.ts'
import type { FieldValue } from '../sigma/expression.ts'
import { ColumnValues } from './column-values.ts'
import { excerpt, MAX_JUDGED } from './excerpt.ts'
import { decodeHexPath, foldPath, foldShell, foldSql } from './fold.ts'
import { normalise } from './normalise.ts'
import type { EventView, NativeField } from './view.ts'

/**
 * Fields of a request, in the order of their numbers. The first nine are logged columns; the others are decoded views
 * of the target and the headers, for rules about payloads.
 */
export const HTTP_FIELDS = [
  { name: 'target', column: 'target', slot: 'scan', via: ['target'] },
  { name: 'user_agent', column: 'user_agent', slot: 'cached', via: ['user_agent'] },
  { name: 'referer', column: 'referer', slot: 'cached', via: ['referer'] },
  { name: 'method', column: 'method', slot: 'cached', via: ['method'] },
  { name: 'protocol', column: 'protocol', slot: 'cached', via: ['protocol'] },
  { name: 'user', column: 'user', slot: 'cached', via: ['user'] },
  { name: 'vhost', column: 'vhost', slot: 'cached', via: ['vhost'] },
  { name: 'client_ip', column: 'client_ip', slot: 'none', via: [] },
  { name: 'status', column: 'status', slot: 'number', via: ['status'] },
  { name: 'bytes', column: 'bytes', slot: 'none', via: [] },
  { name: 'time', column: 'time', slot: 'none', via: [] },
  { name: 'path', column: 'target', slot: 'scan', via: ['target'] },
  { name: 'query', column: 'target', slot: 'scan', via: ['target'] },
  { name: 'decoded', column: 'target', slot: 'scan', via: ['decoded'] },
  { name: 'argument', column: 'target', slot: 'scan', via: ['decoded'] },
  { name: 'sql', column: 'target', slot: 'scan', via: ['decoded'] },
  { name: 'shell', column: 'target', slot: 'scan', via: ['decoded'] },
  { name: 'file', column: 'target', slot: 'scan', via: ['decoded'] },
  { name: 'user_agent_text', column: 'user_agent', slot: 'cached', via: ['user_agent'] },
  { name: 'referer_text', column: 'referer', slot: 'cached', via: ['referer'] },
] as const satisfies readonly NativeField[]

const FIELD = Object.fromEntries(HTTP_FIELDS.map(({ name }, number) => [name, number])) as Record<
  (typeof HTTP_FIELDS)[number]['name'],
  number
>

const NOTHING: readonly FieldValue[] = []
/** Most parameters matched separately; the query as a whole is always matched. */
const MAX_ARGUMENTS = 128

export class HttpView implements EventView {
  block: HttpBlock | undefined
  index = 0
  #known: (readonly FieldValue[] | undefined)[] = []
  #decoded: string | undefined
  /** Values of the client column, which requests are grouped by. */
  readonly #clients = new ColumnValues(present)

  move(block: EventBlock, index: number): void {
    this.block = block as HttpBlock
    this.index = index
    this.#known = []
    this.#decoded = undefined
  }

  values(field: number): readonly FieldValue[] {
    this.#known[field] ??= this.#read(field)
    return this.#known[field]
  }

  kept(field: number): string | undefined {
    const { client } = this.block!
    if (field === FIELD.client_ip && client.ids) return this.#clients.kept(client, this.index) || undefined
    const [value] = this.values(field)
    return value === undefined || value === null ? undefined : own(String(value))
  }

  ids(field: number): Ids | undefined {
    return field === FIELD.client_ip ? this.block!.client.ids : undefined
  }

  texts(): readonly string[] {
    const fields = [FIELD.target, FIELD.decoded, FIELD.user_agent, FIELD.referer, FIELD.method]
    const rest = [FIELD.protocol, FIELD.user, FIELD.vhost, FIELD.client_ip, FIELD.status]
    return [...fields, ...rest].flatMap((field) => this.values(field).map(String))
  }

  /** The decoded target, lower case. */
  decoded(): string {
    this.#decoded ??= normaliseTarget(this.target())
    return this.#decoded
  }

  /** The target as logged. */
  target(): string {
    const { target } = this.block!
    return excerpt(target.latin1(this.index))
  }

  #read(field: number): readonly FieldValue[] {
    const block = this.block!
    switch (field) {
      case FIELD.target:
        return this.#column(block.target)
      case FIELD.user_agent:
        return this.#column(block.userAgent)
      case FIELD.referer:
        return this.#column(block.referer)
      case FIELD.method:
        return this.#column(block.method)
      case FIELD.protocol:
        return this.#column(block.protocol)
      case FIELD.user:
        return this.#column(block.user)
      case FIELD.vhost:
        return this.#column(block.vhost)
      case FIELD.client_ip:
        return this.#column(block.client)
      case FIELD.status:
        return block.status[this.index] === 0 ? NOTHING : [block.status[this.index]]
      case FIELD.bytes:
        return block.bytes[this.index] < 0 ? NOTHING : [block.bytes[this.index]]
      case FIELD.time:
        return Number.isNaN(block.time[this.index]) ? NOTHING : [block.time[this.index]]
      case FIELD.path:
        return [this.target().split('?', 1)[0]]
      case FIELD.query:
        return this.target().includes('?') ? [this.target().slice(this.target().indexOf('?') + 1)] : NOTHING
      case FIELD.decoded:
        return [this.decoded()]
      case FIELD.argument:
        return argumentsOf(this.target())
      case FIELD.sql:
        return distinct(argumentsOf(this.target()).map(foldSql))
      case FIELD.shell:
        return distinct([this.decoded(), foldShell(this.decoded())])
      case FIELD.file:
        return fileTexts(this.decoded())
      case FIELD.user_agent_text:
        return this.#header(block.userAgent)
      case FIELD.referer_text:
        return this.#header(block.referer)
      default:
        return NOTHING
    }
  }

  #header(column: SliceColumn): readonly FieldValue[] {
    const value = excerpt(column.latin1(this.index))
    return value === '' || value === '-' ? NOTHING : [normaliseHeader(value)]
  }

  #column(column: SliceColumn): readonly FieldValue[] {
    const long = column.ends[this.index] - column.starts[this.index] > MAX_JUDGED
    const text = long ? decodeUtf8(excerpt(column.latin1(this.index))) : column.at(this.index)
    return present(text)
  }
}

function present(text: string): readonly FieldValue[] {
  return text === '' || text === '-' ? NOTHING : [text]
}

export function normaliseTarget(target: string): string {
  const query = target.indexOf('?')
  return normalise(target, 0, target.length, query < 0 ? target.length : query)
}

export function normaliseHeader(text: string): string {
  return normalise(text, 0, text.length, text.length)
}

/** The path and each name and value of the query, split before decoding. */
function argumentsOf(target: string): string[] {
  const query = target.indexOf('?')
  if (query < 0) return [normaliseTarget(target)]
  const found = [normalise(target, 0, query, query)]
  for (const pair of target.slice(query + 1).split('&', MAX_ARGUMENTS)) {
    const equals = pair.indexOf('=')
    if (equals > 0) found.push(normalise(pair, 0, equals, 0))
    found.push(normalise(pair, equals + 1, pair.length, 0))
  }
  return found
}

/** The decoded target, with hexadecimal dots and slashes decoded too, and its folded path. */
function fileTexts(decoded: string): readonly string[] {
  const path = decodeHexPath(decoded)
  return distinct([decoded, path, foldPath(path)])
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
