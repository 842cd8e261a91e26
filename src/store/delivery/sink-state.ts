import type { FailureReason } from '../../core/documents/failure.ts'
import type { Database } from '../database.ts'
import type { ClockChange, Gate } from './queue.ts'

interface Row {
  failures: number
  not_before: number
  reason: FailureReason | null
  detail: string | null
  tokens: number
  tokens_at: number
  delivered_at: number | null
  delivered_total: number
}

/** Delivery state of each sink. It is stored, so that a restart keeps the back-off. */
export class SinkStates {
  readonly #read
  readonly #write
  readonly #clockSet

  constructor(db: Database) {
    this.#read = db.prepare<[string], Row>('SELECT * FROM sink_state WHERE sink = ?')
    this.#write = db.prepare(`
      INSERT INTO sink_state VALUES
        (:sink, :failures, :notBefore, :reason, :detail, :tokens, :tokensAt, :deliveredAt, :deliveredTotal)
      ON CONFLICT (sink) DO UPDATE SET failures = excluded.failures, not_before = excluded.not_before,
        reason = excluded.reason, detail = excluded.detail, tokens = excluded.tokens, tokens_at = excluded.tokens_at,
        delivered_at = excluded.delivered_at, delivered_total = excluded.delivered_total`)
    this.#clockSet = db.prepare(`
      UPDATE sink_state SET
        not_before = iif(not_before = 0, 0, min(not_before + :byMs, :now + iif(reason = 'rate_limited', :longestAskedMs, :longestMs))),
        tokens_at = iif(tokens_at = 0, 0, min(tokens_at + :byMs, :now)),
        delivered_at = min(delivered_at, :now)
      WHERE sink = :sink`)
  }

  /** A new sink starts with a full bucket of tokens, because `tokensAt` is 0. */
  read(sink: string): Gate {
    const row = this.#read.get(sink)
    return {
      failures: row?.failures ?? 0,
      notBefore: row?.not_before ?? 0,
      reason: row?.reason ?? null,
      detail: row?.detail ?? null,
      tokens: row?.tokens ?? 0,
      tokensAt: row?.tokens_at ?? 0,
      deliveredAt: row?.delivered_at ?? null,
      deliveredTotal: row?.delivered_total ?? 0,
    }
  }

  clockSet(sink: string, change: ClockChange): void {
    this.#clockSet.run({ sink, ...change })
  }

  write(sink: string, gate: Gate): void {
    this.#write.run({ sink, ...gate })
  }
}
