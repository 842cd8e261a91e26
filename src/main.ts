#!/usr/bin/env node
import { tooOld } from './core/node-version.ts'
import { stopSignal } from './faces/cli/stop-signal.ts'

// From here on, so that there is no moment of the start at which a signal is lost.
const stop = stopSignal(process.argv[2])

// A reader such as `head` may have had enough: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const reason = tooOld(process.versions.node)
if (reason !== undefined) {
  process.stderr.write(`oddline: ${reason}\n`)
  process.exit(3)
}

const { CommanderError } = await import('commander')
const { messageOf, OddlineError } = await import('./core/errors.ts')
const { asNativeError } = await import('./core/native-module.ts')

/** Only here does the process end: with the code of the error that the operator met, or as the command said. */
try {
  const { createProgram } = await import('./faces/cli/program.ts')
  const program = await createProgram(process.argv[2], stop)
  if (stop.aborted) process.exit(0)
  await program.parseAsync()
} catch (thrown) {
  if (thrown instanceof CommanderError) process.exit(thrown.exitCode === 0 ? 0 : 2)
  const error = asNativeError(thrown)
  const known = error instanceof OddlineError
  process.stderr.write(
    `oddline: ${known ? `${error.code}: ${error.message}` : `unexpected: ${error instanceof Error ? error.stack : messageOf(error)}`}\n`,
  )
  process.exit(known ? error.exitCode : 1)
}
