/** Exit codes beyond those of the errors in `core/errors.ts`. */
export const EXIT = { ok: 0, unexpected: 1, usage: 2, partial: 5, findings: 10 } as const

/** Every exit code with its meaning; the help of `oddline run`, `README.md` and `ERRORS.md` show it. */
export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  0: 'success',
  1: 'an unexpected error, or a rule failed its test',
  2: 'invalid configuration, rule or argument; nothing was changed',
  3: 'state or model cannot be used: in use by another process, damaged, from a newer version, or of another user; or this Node cannot run it',
  4: 'disk full, database locked, results cannot be written, or input cannot be used; nothing is lost, run it again',
  5: 'some files could not be read; the others were processed',
  10: 'findings of at least the severity of `--fail-on`',
}
