#!/usr/bin/env node
import { CommanderError } from 'commander'
import { messageOf, OddlineError } from './core/errors.ts'
import { createProgram } from './faces/cli/program.ts'

// A reader such as `head` may have had enough: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

/** Only here does the process end: with the code of the error that the operator met, or as the command said. */
try {
  const program = await createProgram(process.argv[2])
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2)
  const known = error instanceof OddlineError
  process.stderr.write(
    `oddline: ${known ? `${error.code}: ${error.message}` : `unexpected: ${error instanceof Error ? error.stack : messageOf(error)}`}\n`,
  )
  process.exit(known ? error.exitCode : 1)
}
