import { z } from 'zod'
import type { Database } from '../database.ts'

/** What a silence covers: every key given must match, with * and ? as wildcards. */
export const SilenceMatcher = z
  .strictObject({
    who: z.string().min(1).optional(),
    what: z.string().min(1).optional(),
  })
  .refine(
    (m) => m.who !== undefined || m.what !== undefined,
    'a silence needs who or what: a silence of everything is a mute window',
  )
export type SilenceMatcher = z.infer<typeof SilenceMatcher>

export interface Silence {
  readonly id: number
  readonly matcher: SilenceMatcher
  /** Why, for the next person who reads it. */
  readonly reason: string
  readonly author: string
  readonly createdAt: number
  readonly expiresAt: number
}

interface Row {
  id: number
  matcher: string
  reason: string
  author: string
  created_at: number
  expires_at: number
}

/** Silences keep people from being told of matching incidents for a time. Findings are still delivered. */
export class Silences {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  add(silence: Omit<Silence, 'id'>): number {
    const { reason, author, createdAt, expiresAt } = silence
    const matcher = JSON.stringify(SilenceMatcher.parse(silence.matcher))
    const { lastInsertRowid } = this.#db
      .prepare('INSERT INTO silences (matcher, reason, author, created_at, expires_at) VALUES (?, ?, ?, ?, ?)')
      .run(matcher, reason, author, createdAt, expiresAt)
    return Number(lastInsertRowid)
  }

  /** Silences in force at `now`, or all of them without `now`; the first to end comes first. */
  list(now = 0): Silence[] {
    return this.#db
      .prepare<[number], Row>('SELECT * FROM silences WHERE expires_at > ? ORDER BY expires_at, id')
      .all(now)
      .map((row) => ({
        id: row.id,
        matcher: JSON.parse(row.matcher) as SilenceMatcher,
        reason: row.reason,
        author: row.author,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
      }))
  }

  /** Ends a silence; false if none of this id is in force. Notices that it held back are sent at the next look. */
  expire(id: number, now: number): boolean {
    const expire = this.#db.prepare('UPDATE silences SET expires_at = :now WHERE id = :id AND expires_at > :now')
    return expire.run({ id, now }).changes > 0
  }
}
