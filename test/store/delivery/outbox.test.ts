import { describe, expect, test } from 'vitest'
import { sinkStatus } from '../../../src/queries/sinks.ts'
import type { Database } from '../../../src/store/database.ts'
import { DeadLetters } from '../../../src/store/delivery/dead-letters.ts'
import { FindingQueue, OutboxWriter, type QueuedFinding } from '../../../src/store/delivery/outbox.ts'
import type { Gate, Settlement } from '../../../src/store/delivery/queue.ts'
import { SinkStates } from '../../../src/store/delivery/sink-state.ts'
import { someFindings } from '../../support/blocks/findings.ts'
import { tempDir } from '../../support/temp.ts'
import { aDatabase, withFindings } from '../support.ts'

const ROOM = 1000
const LEASE = 60
const OPEN: Gate = {
  ...{ failures: 0, notBefore: 0, reason: null, detail: null, tokens: 3, tokensAt: 9 },
  ...{ deliveredAt: null, deliveredTotal: 0 },
}

/** A database with so many findings, all queued at time 0 for the sink `siem`. */
function queued(count: number): { db: Database; queue: FindingQueue } {
  const db = withFindings(count)
  const seqs = Array.from({ length: count }, (_, i) => i + 1)
  new OutboxWriter(db).put('siem', seqs, ROOM, 0)
  return { db, queue: new FindingQueue(db, 'siem') }
}

function settled(changes: Partial<Settlement<QueuedFinding>>): Settlement<QueuedFinding> {
  return { delivered: [], retry: [], dead: [], ...changes }
}

const seqs = (items: readonly QueuedFinding[]) => items.map(({ seq }) => seq)

describe('the queue of a sink', () => {
  test('hands out whole findings, the oldest first, and none twice while it is leased', () => {
    const { queue } = queued(5)
    const first = queue.claim(10, 3, 10 + LEASE)
    expect(first.map(({ finding }) => finding)).toEqual(someFindings(3))
    expect(first[0]).toMatchObject({ seq: 1, attempts: 1, firstTriedAt: 10 })
    expect(seqs(queue.claim(11, 3, 11 + LEASE))).toEqual([4, 5])
    expect(queue.claim(12, 3, 12 + LEASE)).toEqual([])
  })

  test('takes in nothing twice', () => {
    const { db, queue } = queued(2)
    queue.claim(10, 1, 10 + LEASE)
    expect(new OutboxWriter(db).put('siem', [1, 2], ROOM, 20)).toBe(0)
    expect(queue.backlog()).toEqual({ pending: 2, oldest: 0 })
    expect(seqs(queue.claim(20, 9, 20 + LEASE))).toEqual([2])
  })

  test('forgets what was delivered, and gives what was not in its old place', () => {
    const { queue } = queued(4)
    const [a, b, c] = queue.claim(10, 3, 10 + LEASE)
    queue.settle(settled({ delivered: [b], retry: [a, c] }), OPEN, 11)
    const again = queue.claim(12, 9, 12 + LEASE)
    expect(seqs(again)).toEqual([1, 3, 4])
    expect(again.map(({ attempts }) => attempts)).toEqual([2, 2, 1])
    expect(again[0].firstTriedAt).toBe(10)
  })

  test('gives back what a killed process had leased: at a restart, or when the lease is over', () => {
    const { queue } = queued(2)
    queue.claim(10, 2, 10 + LEASE)
    expect(queue.claim(9 + LEASE, 2, 999)).toEqual([])
    expect(seqs(queue.claim(10 + LEASE, 2, 999))).toEqual([1, 2])
    queue.release()
    expect(seqs(queue.claim(11 + LEASE, 2, 999))).toEqual([1, 2])
  })

  test('tries what is under suspicion alone and later, and holds back nothing else for it', () => {
    const { queue } = queued(3)
    const [a, suspect] = queue.claim(10, 2, 10 + LEASE)
    queue.settle(settled({ retry: [a], aside: { item: suspect, until: 50 } }), OPEN, 11)
    expect(seqs(queue.claim(20, 9, 30))).toEqual([1, 3])
    expect(seqs(queue.claim(50, 9, 60))).toEqual([1, 3])
    expect(seqs(queue.claim(50, 9, 60))).toEqual([2])
    expect(seqs(queue.claim(60, 1, 70))).toEqual([1])
    expect(seqs(queue.claim(60, 9, 70))).toEqual([2])
    expect(seqs(queue.claim(60, 9, 70))).toEqual([3])
  })

  test('buries what its receiver refuses, with the reason', () => {
    const { db, queue } = queued(2)
    const [a] = queue.claim(10, 1, 10 + LEASE)
    queue.settle(settled({ dead: [{ item: a, reason: 'invalid_event', detail: 'no such index' }] }), OPEN, 11)
    expect(queue.backlog()).toEqual({ pending: 1, oldest: 0 })
    expect(new DeadLetters(db).list()).toEqual([
      expect.objectContaining({ sink: 'siem', seq: 1, reason: 'invalid_event', detail: 'no such index', attempts: 1 }),
    ])
  })

  test('settles all or nothing', () => {
    const { db, queue } = queued(2)
    const items = queue.claim(10, 2, 10 + LEASE)
    db.exec('DROP TABLE dead_letters')
    const settlement = settled({
      delivered: [items[0]],
      dead: [{ item: items[1], reason: 'too_large', detail: '' }],
    })
    expect(() => queue.settle(settlement, { ...OPEN, failures: 7 }, 11)).toThrow(/dead_letters/)
    expect([queue.backlog().pending, queue.gate().failures]).toEqual([2, 0])
  })

  test('knows when the next finding is due', () => {
    const { db, queue } = queued(2)
    expect(new FindingQueue(db, 'other').nextDue()).toBe(Number.POSITIVE_INFINITY)
    expect(queue.nextDue()).toBe(0)
    const [a, b] = queue.claim(10, 2, 70)
    expect(queue.nextDue()).toBe(70)
    queue.settle(settled({ delivered: [b], aside: { item: a, until: 500 } }), OPEN, 11)
    expect(queue.nextDue()).toBe(500)
  })

  test('has nothing to do with the queue of another sink', () => {
    const { db, queue } = queued(2)
    new OutboxWriter(db).put('other', [2], ROOM, 5)
    const other = new FindingQueue(db, 'other')
    queue.settle(settled({ delivered: queue.claim(10, 9, 70) }), OPEN, 11)
    expect([queue.backlog().pending, other.backlog()]).toEqual([0, { pending: 1, oldest: 5 }])
    expect(seqs(other.claim(10, 9, 70))).toEqual([2])
  })
})

describe('a queue that is full', () => {
  test('moves its oldest to the dead letters, where a replay finds them', () => {
    const db = withFindings(5)
    const outbox = new OutboxWriter(db)
    expect(outbox.put('siem', [1, 2, 3], 3, 1)).toBe(0)
    expect(outbox.put('siem', [4, 5], 3, 2)).toBe(2)
    const queue = new FindingQueue(db, 'siem')
    expect(seqs(queue.claim(3, 9, 70))).toEqual([3, 4, 5])
    const letters = new DeadLetters(db)
    expect(letters.list().map(({ seq, reason, detail }) => [seq, reason, detail])).toEqual([
      [2, 'overflow', 'the queue of 3 findings was full'],
      [1, 'overflow', 'the queue of 3 findings was full'],
    ])
  })

  test('does not push out what is just being sent', () => {
    const db = withFindings(4)
    const outbox = new OutboxWriter(db)
    outbox.put('siem', [1, 2], 2, 0)
    const queue = new FindingQueue(db, 'siem')
    const sending = queue.claim(10, 1, 70)
    expect(outbox.put('siem', [3, 4], 2, 11)).toBe(2)
    expect(new DeadLetters(db).list().map(({ seq }) => seq)).toEqual([3, 2])
    queue.settle(settled({ delivered: sending }), OPEN, 12)
    expect(seqs(queue.claim(13, 9, 70))).toEqual([4])
  })
})

describe('what is known of a sink', () => {
  test('begins with nothing against it, and outlives a restart', () => {
    const dir = tempDir()
    const db = aDatabase(dir)
    expect(new SinkStates(db).read('siem')).toEqual({ ...OPEN, tokens: 0, tokensAt: 0 })
    const gate: Gate = {
      ...{ failures: 4, notBefore: 900, reason: 'rate_limited', detail: 'try in 9 min', tokens: 0.5, tokensAt: 12 },
      ...{ deliveredAt: 8, deliveredTotal: 41 },
    }
    new FindingQueue(db, 'siem').settle(settled({}), gate, 13)
    db.close()
    const again = aDatabase(dir)
    expect(new FindingQueue(again, 'siem').gate()).toEqual(gate)
    expect(new SinkStates(again).read('other').failures).toBe(0)
  })

  test('counts what waits for it', () => {
    const { db, queue } = queued(3)
    queue.settle(settled({ delivered: queue.claim(1, 1, 70) }), OPEN, 2)
    const [other, siem] = sinkStatus(db, { siem: { type: 'file' }, other: { type: 'file' } })
    expect([siem.pending, other.pending]).toEqual([2, 0])
  })
})
