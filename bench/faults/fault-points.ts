import { systemClock } from '../../src/core/clock.ts'
import { Learning } from '../../src/learning/learning.ts'
import { BatchFolder } from '../../src/pipeline/output/output.ts'
import { Reader } from '../../src/reading/reader.ts'
import { KeptDatabase } from '../../src/store/sqlite/kept-database.ts'

type Step = (name: string) => void
type Method = (this: unknown, ...args: unknown[]) => unknown

/** Time that seems to pass with every look at the clock within a batch, ms: so that it commits every few blocks. */
const HURRY_MS = 400

/**
 * Names every step of a batch and calls `step` when it is reached, in the program as it is: methods are wrapped from
 * outside, so that no line of it is there for the test. A step within the transaction is named after the table that is
 * written next.
 */
export function nameSteps(step: Step): void {
  around(Reader.prototype, 'discover', step)
  around(Reader.prototype, 'next', step)
  around(Reader.prototype, 'moved', step)
  around(Learning.prototype, 'learn', step)
  around(Learning.prototype, 'checkpoints', step)
  around(BatchFolder.prototype, 'reject', step)
  around(BatchFolder.prototype, 'sync', step)
  around(BatchFolder.prototype, 'finish', step)
  const proto = KeptDatabase.prototype as unknown as { prepare: Method; transaction: Method }
  const { prepare } = proto
  proto.prepare = function (this: unknown, ...args) {
    const table = /^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE) (\w+)/i.exec(String(args[0]))?.[1]
    if (table !== undefined && (this as KeptDatabase).inTransaction) step(`commit.${table}`)
    return prepare.apply(this, args)
  }
  hurry()
}

function around<Name extends string>(proto: Record<Name, unknown> | object, name: Name, step: Step): void {
  const methods = proto as Record<Name, Method>
  const inner = methods[name]
  const owner = (proto as { constructor: { name: string } }).constructor.name
  methods[name] = function (...args) {
    step(`${owner}.${name}.before`)
    const result = inner.apply(this, args)
    if (!(result instanceof Promise)) {
      step(`${owner}.${name}.after`)
      return result
    }
    return result.then((value) => {
      step(`${owner}.${name}.after`)
      return value
    })
  }
}

/** The reader keeps the real time, by which it judges how old files are. */
function hurry(): void {
  let ahead = 0
  let looking = false
  const clock = systemClock as { now(): number }
  clock.now = () => {
    if (!looking) ahead += HURRY_MS
    return Date.now() + (looking ? 0 : ahead)
  }
  const methods = Reader.prototype as unknown as Record<'discover', Method>
  const { discover } = methods
  methods.discover = function (...args) {
    looking = true
    return (discover.apply(this, args) as Promise<unknown>).finally(() => {
      looking = false
    })
  }
}
