import { setImmediate } from 'node:timers/promises'
import { OddlineError } from '../../../dist/src/core/errors.js'
import { Moved, serve } from '../../../dist/src/threads/serve.js'

/** A thread that does what a test asks of it. Plain JavaScript, because Node starts it without the test runner. */
serve(async ({ failOnOpen, failOnClose }, report) => {
  if (failOnOpen) throw new OddlineError('MODEL_INVALID', 'It does not open.')
  let stopped = false
  const done = []
  return {
    calls: {
      echo(value) {
        done.push(value)
        return value
      },
      urgent: (value) => {
        done.push(value)
      },
      done: () => done,
      fail(code, message) {
        throw code === undefined ? new Error(message) : new OddlineError(code, message)
      },
      uncloneable: () => () => {},
      give(size) {
        const bytes = new Uint8Array(size).fill(7)
        return new Moved(bytes, [bytes.buffer])
      },
      report(count) {
        for (let i = 0; i < count; i++) report({ step: i })
      },
      async untilStopped() {
        while (!stopped) await setImmediate()
        return 'stopped'
      },
      crash() {
        queueMicrotask(() => {
          throw new Error('Nobody catches this.')
        })
        return new Promise(() => {})
      },
      leave: () => process.exit(3),
      never: () => new Promise(() => {}),
    },
    orders: {
      stop() {
        stopped = true
      },
      leave: () => process.exit(4),
    },
    urgent: 'urgent',
    async close() {
      report({ closed: done.length })
      if (failOnClose) throw new OddlineError('DISK_FULL', 'It does not close.')
    },
  }
})
