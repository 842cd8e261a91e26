import { type EventBlock, SliceColumn, type StringColumn } from './block.ts'

/** Events `from` to `to` (exclusive) of a block, as a block over the same bytes. */
export function sliceBlock(block: EventBlock, from: number, to: number): EventBlock {
  const shared = {
    count: to - from,
    lines: block.lines.subarray(from, to),
    offsets: block.offsets.subarray(from, to),
    lengths: block.lengths.subarray(from, to),
    time: block.time.subarray(from, to),
    raw: shifted(block.raw, from, to),
  }
  const part = <T extends StringColumn>(column: T) => shifted(column, from, to) as T
  if (block.kind === 'http') {
    return {
      ...block,
      ...shared,
      client: part(block.client),
      user: part(block.user),
      method: part(block.method),
      target: part(block.target),
      protocol: part(block.protocol),
      status: block.status.subarray(from, to),
      bytes: block.bytes.subarray(from, to),
      referer: part(block.referer),
      userAgent: part(block.userAgent),
      vhost: part(block.vhost),
    }
  }
  return {
    ...block,
    ...shared,
    user: part(block.user),
    sourceIp: part(block.sourceIp),
    host: part(block.host),
    program: part(block.program),
    eventType: part(block.eventType),
    action: part(block.action),
    message: part(block.message),
    outcome: block.outcome.subarray(from, to),
  }
}

function shifted(column: StringColumn, from: number, to: number): StringColumn {
  return column instanceof SliceColumn ? column.slice(from, to) : { at: (index) => column.at(index + from) }
}
