import type { Framing } from '../../core/parsed.ts'
import { cutCsvRows } from './csv-rows.ts'
import { cutJsonElements } from './json-elements.ts'
import { cutLines } from './lines.ts'
import type { RecordTable } from './record-table.ts'
import type { Cut, RecordWindow } from './window.ts'

/** Cuts whole records. An over-long one is cut at the limit and flagged, and its rest skipped without keeping it. */
export function cutRecords(framing: Framing, window: RecordWindow, table: RecordTable): Cut {
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
