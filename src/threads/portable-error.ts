import { ERROR_CODES, type ErrorCode, messageOf, OddlineError } from '../core/errors.ts'

/** An error in a form that crosses threads: structured cloning drops its class and its code. */
export interface PortableError {
  readonly message: string
  /** Code of an OddlineError, or of an error of the system such as ENOENT. */
  readonly code: string | undefined
  readonly stack: string | undefined
}

export function toPortableError(error: unknown): PortableError {
  const { code, stack } = error instanceof Error ? (error as NodeJS.ErrnoException) : {}
  return { message: messageOf(error), code: typeof code === 'string' ? code : undefined, stack }
}

export function fromPortableError({ message, code, stack }: PortableError): Error {
  const error = isOurs(code) ? new OddlineError(code, message) : Object.assign(new Error(message), code && { code })
  if (stack !== undefined) error.stack = stack
  return error
}

function isOurs(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(ERROR_CODES, code)
}
