import type { Framing } from '../../core/parsed.ts'
import { cutCsvRows } from './csv-rows.ts'
import { cutJsonElements } from './json-elements.ts'
import { cutLines } from './lines.ts'
import type { RecordTable } from './record-table.ts'

/** A stretch of a stream to cut records from. It begins at a record, or within an over-long one if `skip` says so. */
export interface Window {
  readonly bytes: Buffer
  readonly length: number
  /** Whether the stream ends here for good, so that an unterminated last record is whole. */
  readonly final: boolean
  /** 1-based number of the line at the beginning. */
  readonly line: number
  readonly maxRecordBytes: number
  readonly skip: string
}

/** How far a window was cut: what lies after `consumed` is looked at again when there is more of it. */
export interface Cut {
  readonly consumed: number
  /** Number of the line at `consumed`. */
  readonly line: number
  readonly skip: string
}

/** Cuts whole records. An over-long one is cut at the limit and flagged, and its rest skipped without keeping it. */
export function cutRecords(framing: Framing, window: Window, table: RecordTable): Cut {
  switch (framing) {
    case 'lines':
      return cutLines(window, table)
    case 'json-array':
      return cutJsonElements(window, table)
    case 'csv':
      return cutCsvRows(window, table)
    default:
      return framing satisfies never
  }
}
