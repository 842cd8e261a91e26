import { describe, expect, test } from 'vitest'
import type { DeadLetter } from '../../../src/core/documents/dead-letter.ts'
import type { Incident } from '../../../src/core/documents/incident.ts'
import { countDeadLetters, deadLetterById } from '../../../src/queries/dead-letters.ts'
import type { Database } from '../../../src/store/database.ts'
import { DeadLetters } from '../../../src/store/delivery/dead-letters.ts'
import { FindingQueue } from '../../../src/store/delivery/outbox.ts'
import { Incidents } from '../../../src/store/incidents.ts'
import { someFindings } from '../../support/blocks/findings.ts'
import { withFindings } from '../support.ts'

const INCIDENT: Incident = {
  ...{ id: 'c0ffee', status: 'open', severity: 'high', who: 'eve', what: 'sqli', firstSeen: 1, lastSeen: 2 },
  ...{ findings: 1, strongest: 'f', score: 0.9, summary: 'sqli from eve' },
}

const letter = (changes: Partial<DeadLetter> = {}) => ({
  ...({ sink: 'siem', seq: 1, incident: null, reason: 'invalid_event', detail: 'no', attempts: 3 } as const),
  ...changes,
})

/** Three findings; two dead letters of `siem`, one of `archive`, and a notice that could not be told. */
function buried(): { db: Database; letters: DeadLetters } {
  const db = withFindings(3)
  const letters = new DeadLetters(db)
  new Incidents(db).save(INCIDENT, 5)
  db.exec("INSERT INTO notices (sink, incident, due_at, attempts, alone) VALUES ('people', 'c0ffee', NULL, 6, 1)")
  letters.bury(letter(), 10)
  letters.bury(letter({ seq: 2, reason: 'too_large' }), 11)
  letters.bury(letter({ sink: 'archive' }), 12)
  letters.bury(letter({ sink: 'people', seq: null, incident: 'c0ffee', reason: 'unauthorized' }), 13)
  return { db, letters }
}

const ids = (found: readonly DeadLetter[]) => found.map(({ id }) => id)

describe('dead letters', () => {
  test('are listed, the newest first, and by sink, reason and id', () => {
    const { db, letters } = buried()
    expect(ids(letters.list())).toEqual([4, 3, 2, 1])
    expect(ids(letters.list({}, 2))).toEqual([4, 3])
    expect(ids(letters.list({ sink: 'siem' }))).toEqual([2, 1])
    expect(ids(letters.list({ sink: 'siem', reason: 'too_large' }))).toEqual([2])
    expect(ids(letters.list({ ids: [1, 3, 77] }))).toEqual([3, 1])
    expect([
      countDeadLetters(db),
      countDeadLetters(db, { reason: 'invalid_event' }),
      countDeadLetters(db, { ids: [] }),
    ]).toEqual([4, 2, 0])
  })

  test('are shown with their finding, where they are about one', () => {
    const { db } = buried()
    expect(deadLetterById(db, 2)).toEqual({
      letter: { ...letter({ seq: 2, reason: 'too_large' }), id: 2, diedAt: 11 },
      finding: someFindings(2)[1],
    })
    expect(deadLetterById(db, 4)).toEqual({ letter: expect.objectContaining({ incident: 'c0ffee', seq: null }) })
    expect(deadLetterById(db, 77)).toBeUndefined()
  })

  test('of the same thing are one, the last', () => {
    const { db, letters } = buried()
    letters.bury(letter({ detail: 'still no', attempts: 9 }), 20)
    const [last] = letters.list({ sink: 'siem', reason: 'invalid_event' })
    expect([last.detail, last.attempts, last.diedAt, countDeadLetters(db)]).toEqual(['still no', 9, 20, 4])
  })

  test('name a finding or an incident, never both and never neither', () => {
    const { letters } = buried()
    expect(() => letters.bury(letter({ seq: null }), 20)).toThrow(/CHECK/)
    expect(() => letters.bury(letter({ seq: 3, incident: 'c0ffee' }), 20)).toThrow(/CHECK/)
  })

  test('that are discarded are gone for good, those that are not meant stay', () => {
    const { db, letters } = buried()
    expect(letters.discard({ sink: 'siem', ids: [2, 3] })).toBe(1)
    expect(ids(letters.list())).toEqual([4, 3, 1])
    expect(new FindingQueue(db, 'siem').backlog().pending).toBe(0)
  })
})

describe('a replay', () => {
  test('puts findings back into their queues as new', () => {
    const { db, letters } = buried()
    expect(letters.replay({ sink: 'siem' }, 100)).toBe(2)
    expect(ids(letters.list())).toEqual([4, 3])
    const claimed = new FindingQueue(db, 'siem').claim(100, 9, 200)
    expect(claimed.map(({ seq, attempts, firstTriedAt }) => [seq, attempts, firstTriedAt])).toEqual([
      [1, 1, 100],
      [2, 1, 100],
    ])
    expect(new FindingQueue(db, 'archive').backlog().pending).toBe(0)
  })

  test('of a notice makes it due again, with all its tries', () => {
    const { db, letters } = buried()
    expect(letters.replay({ ids: [4] }, 100)).toBe(1)
    const notice = db.prepare("SELECT due_at, attempts, first_tried_at, alone FROM notices WHERE sink = 'people'").get()
    expect(notice).toEqual({ due_at: 100, attempts: 0, first_tried_at: null, alone: 0 })
  })

  test('reaches every letter, however many there are, and does nothing the second time', () => {
    const db = withFindings(250)
    const letters = new DeadLetters(db)
    const seqs = Array.from({ length: 250 }, (_, i) => i + 1)
    db.transaction(() => seqs.map((seq) => letters.bury(letter({ seq }), seq)))()
    expect([letters.list().length, letters.replay({}, 999), letters.replay({}, 999)]).toEqual([100, 250, 0])
    expect(new FindingQueue(db, 'siem').backlog()).toEqual({ pending: 250, oldest: 999 })
  })

  test('that fails on the way has replayed nothing', () => {
    const { db, letters } = buried()
    db.exec(`CREATE TRIGGER broken BEFORE INSERT ON outbox WHEN new.seq = 1 AND new.sink = 'siem'
      BEGIN SELECT raise(ABORT, 'the disk broke'); END`)
    expect(() => letters.replay({}, 100)).toThrow('the disk broke')
    expect(countDeadLetters(db)).toBe(4)
    expect(new FindingQueue(db, 'archive').backlog().pending).toBe(0)
  })
})
