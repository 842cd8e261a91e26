/** Exit codes beyond those of the errors in `core/errors.ts`. */
export const EXIT = { ok: 0, unexpected: 1, usage: 2, partial: 5, findings: 10 } as const

/** Every exit code with its meaning; the help of `oddline run`, `README.md` and `ERRORS.md` show it. */
export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'an unexpected error, or a rule failed its test',
  2: 'wrong configuration, rule or argument; nothing was touched',
  3: 'state or model cannot be used: held by another process, damaged, or of a newer version; or this Node cannot run it',
  4: 'disk full, database locked, results cannot be written, input cannot be used; nothing is lost, run again',
  5: 'some files could not be read; the others were',
  10: 'findings as severe as `--fail-on`',
}
