/**
 * Every error that an operator can meet, with the exit code it ends the process with. A message says what is wrong and
 * what to do next. Codes are stable: documentation and alerts refer to them.
 */
export const ERROR_CODES = {
  CONFIG_INVALID: { exit: 2 },
  STATE_LOCKED: { exit: 3 },
  STATE_CORRUPT: { exit: 3 },
  STATE_TOO_NEW: { exit: 3 },
  STATE_BUSY: { exit: 4 },
  DISK_FULL: { exit: 4 },
  OUTPUT_FAILED: { exit: 4 },
  INPUT_UNREADABLE: { exit: 4 },
  RULE_INVALID: { exit: 2 },
  MODEL_INVALID: { exit: 3 },
} as const satisfies Record<string, { exit: number }>

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

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
