import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { OddlineError } from '../../core/errors.ts'

/** Every way in which a request can fail. Codes are stable: clients decide by them, people read the detail. `ERRORS.md` shows this table. */
export const PROBLEMS = {
  INVALID_REQUEST: {
    status: 400,
    title: 'The request is not what the documentation asks for',
    remedy: 'Correct what the detail names; `/docs` shows what each address takes.',
  },
  UNAUTHENTICATED: {
    status: 401,
    title: 'A valid key is needed',
    remedy: 'Send a key as `Authorization: Bearer KEY`; `oddline api-key` makes one.',
  },
  FORBIDDEN: {
    status: 403,
    title: 'The key does not allow this',
    remedy: 'Use a key with the scope that the detail names; without keys, call from this host itself.',
  },
  NOT_FOUND: {
    status: 404,
    title: 'There is no such thing',
    remedy: 'Check the address and the id; the detail says where to list what there is.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'The address does not take this method',
    remedy: 'Use the method that `/docs` shows for the address.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    title: 'The answer does not come in that form',
    remedy: 'Ask for a type that `/docs` shows for the address.',
  },
  CONFLICT: {
    status: 409,
    title: 'It cannot be done now',
    remedy: 'Do first what the detail says, or ask the process that runs the batches.',
  },
  TOO_SLOW: {
    status: 408,
    title: 'The request did not arrive in time',
    remedy: 'Send it again, over a faster connection or in smaller parts.',
  },
  TOO_LARGE: {
    status: 413,
    title: 'The request is too large',
    remedy: 'Send less at once, or raise `api.max_body_bytes` or `api.max_file_bytes`.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'The body is in a form that is not read here',
    remedy: 'Send JSON, or a file as `multipart/form-data`.',
  },
  UNREADABLE: {
    status: 422,
    title: 'The logs could not be read',
    remedy: 'Check that the file holds logs of a known format and is not damaged.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'The headers of the request are too large',
    remedy: 'Send less than 16 KB of headers.',
  },
  RATE_LIMITED: {
    status: 429,
    title: 'Too many requests',
    remedy: 'Wait as long as the header `retry-after` says.',
  },
  INTERNAL: {
    status: 500,
    title: 'Oddline failed; its log says more',
    remedy: 'Find the request id (`instance`) in the log of Oddline, and report it.',
  },
  UNAVAILABLE: {
    status: 503,
    title: 'Oddline is busy or not ready yet',
    remedy: 'Ask again after the time in the header `retry-after`.',
  },
} as const satisfies Record<string, { status: number; title: string; remedy: string }>

export type ProblemCode = keyof typeof PROBLEMS

/** RFC 9457, application/problem+json. */
export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    detail: z.string(),
    instance: z.string().describe('Id of the request, as in the answer header x-request-id'),
  })
  .meta({ id: 'Problem', description: 'What went wrong, and what to do next' })

/** Thrown by handlers. The detail is shown to the client, so it holds nothing that only the operator may know. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly retryAfter: number | undefined

  constructor(code: ProblemCode, detail: string, options: { readonly retryAfter?: number } = {}) {
    super(detail)
    this.name = 'Problem'
    this.code = code
    this.retryAfter = options.retryAfter
  }
}

export function sendProblem(reply: FastifyReply, request: FastifyRequest, problem: Problem): FastifyReply {
  const { status, title } = PROBLEMS[problem.code]
  if (problem.retryAfter !== undefined) reply.header('retry-after', Math.ceil(problem.retryAfter))
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="oddline"')
  const body = { type: 'about:blank', title, status, code: problem.code, detail: problem.message, instance: request.id }
  return reply.code(status).type('application/problem+json').send(JSON.stringify(body))
}

/** Answers what fails before a route is found, such as an address that cannot be decoded. */
export function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(reply, request, problemFor(error))
}

const BY_STATUS = new Map<number, ProblemCode>(
  Object.entries(PROBLEMS).map(([code, { status }]) => [status, code as ProblemCode]),
)

/**
 * Runs an order of the client and turns its refusal into a problem.
 * @throws Problem NOT_FOUND, INVALID_REQUEST, CONFLICT
 */
export function asked<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof OddlineError)) throw error
    if (error.code === 'INPUT_UNREADABLE') throw new Problem('NOT_FOUND', error.message)
    if (error.code === 'CONFIG_INVALID') throw new Problem('INVALID_REQUEST', error.message)
    if (error.code === 'STATE_LOCKED') throw new Problem('CONFLICT', error.message)
    throw error
  }
}

/** Turns any error into a problem. A fault of ours shows the client no detail. */
export function problemFor(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const faults = error.validation.map(
      ({ instancePath, message }) => `${instancePath.slice(1).replaceAll('/', '.') || 'body'}: ${message}`,
    )
    return new Problem('INVALID_REQUEST', faults.slice(0, 10).join('; ').slice(0, 1000))
  }
  if (error instanceof OddlineError && error.code === 'MODEL_INVALID') return new Problem('CONFLICT', error.message)
  if (error instanceof OddlineError && error.code === 'STATE_BUSY') {
    return new Problem('UNAVAILABLE', error.message, { retryAfter: 1 })
  }
  const { statusCode, message } = error as FastifyError
  const code = statusCode !== undefined && statusCode < 500 ? BY_STATUS.get(statusCode) : undefined
  if (code) return new Problem(code, message)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new Problem('INVALID_REQUEST', message)
  return new Problem(
    'INTERNAL',
    'The request was understood, but Oddline failed. Its log names this request by its id.',
  )
}
