import type { Help } from './documents/help.ts'

/**
 * The error codes of Oddline, with the exit code of the process. A message says what is wrong and what to do next.
 * Codes are stable: documentation and alerts refer to them. `ERRORS.md` shows this table.
 */
export const ERROR_CODES = {
  CONFIG_INVALID: {
    exit: 2,
    meaning: 'A setting, a flag or an argument is wrong. Nothing was touched.',
    remedy: 'Correct what the message lists; `oddline check-config` shows everything that is wrong at once.',
  },
  RULE_INVALID: {
    exit: 2,
    meaning: 'A detection rule or an allow-list cannot be used. Nothing was touched.',
    remedy: 'Correct the file that the message names; `oddline rules test` checks all rules.',
  },
  STATE_LOCKED: {
    exit: 3,
    meaning: 'Another process runs batches on this state directory.',
    remedy: 'Stop the process that the message names, or give this one another `--state-dir`.',
  },
  STATE_CORRUPT: {
    exit: 3,
    meaning: 'The database of the state directory is damaged.',
    remedy: 'Restore a copy, or move `oddline.db` away to start anew; all logs are then read again.',
  },
  STATE_TOO_NEW: {
    exit: 3,
    meaning: 'A newer version of Oddline has written the state directory.',
    remedy: 'Install that version or a later one, or use another `--state-dir`.',
  },
  STATE_INACCESSIBLE: {
    exit: 3,
    meaning: 'The state directory or a file in it cannot be opened or written by this user, or is no regular file.',
    remedy: 'Run as the user that owns it, correct its permissions, or use another `--state-dir`.',
  },
  MODEL_INVALID: {
    exit: 3,
    meaning: 'A learnt model is missing, damaged, or made by a version that is not known here.',
    remedy: 'Go back with `oddline models rollback`, or learn anew with `oddline train`.',
  },
  NATIVE_MODULE: {
    exit: 3,
    meaning: 'A native module was built for another Node or system, or was not built.',
    remedy: 'Run the command that the message names where Oddline is installed, with the Node that runs it.',
  },
  STATE_BUSY: {
    exit: 4,
    meaning: 'Another program holds the database, or too many requests wait. Nothing was written.',
    remedy: 'Close the other program and run again; for the API, ask again in a moment.',
  },
  DISK_FULL: {
    exit: 4,
    meaning: 'The disk is full or failed while writing. Nothing was committed and nothing is lost.',
    remedy: 'Free some space, check the disk, and run again.',
  },
  OUTPUT_FAILED: {
    exit: 4,
    meaning: 'Results cannot be written, or a sink refused a check or a test. Nothing is lost.',
    remedy: 'Check that the directory exists and is writable, or the sink that the message names; run again.',
  },
  INPUT_UNREADABLE: {
    exit: 4,
    meaning: 'What the command was given cannot be used: an unreadable file, too few events, an unknown finding.',
    remedy: 'Check the path, the id or the amount of logs that the message names, and run again.',
  },
  THREAD_FAILED: {
    exit: 1,
    meaning: 'A thread of the program ended unexpectedly, through a fault or for want of memory. Nothing is lost.',
    remedy: 'Try again; what failed is started anew. If it fails again, report the message.',
  },
} as const satisfies Record<string, Help & { exit: number }>

export type ErrorCode = keyof typeof ERROR_CODES

export class OddlineError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'OddlineError'
    this.code = code
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exit
  }
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
