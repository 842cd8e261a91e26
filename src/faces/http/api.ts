import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { FaceDeps } from '../ports.ts'
import type { Scope } from './auth.ts'
import { PROBLEMS, ProblemSchema } from './problem.ts'

/** The server as routes see it: what a schema says is what a handler gets. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** What the routes need. */
export interface ApiDeps extends FaceDeps {
  readonly metrics: Metrics
  /** Called with the error when a request fails through a fault of ours. */
  onFailure(requestId: string, error: unknown): void
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that a key needs for this route; absent on public routes. */
    scope?: Scope
  }
  interface FastifyRequest {
    /** Address of the client, by which limits count. */
    address: string
    /** Name of the key of the request. */
    caller: string
    /** What it may do. */
    scopes: ReadonlySet<Scope>
  }
}

type Refusal = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 503

/** Refusals of a route without a key, for its documentation. */
export function publicRefusals(...statuses: readonly Refusal[]): Record<number, typeof ProblemSchema> {
  const problem = { content: { 'application/problem+json': { schema: ProblemSchema } } }
  // The type says what a handler may send; a problem is thrown instead.
  return Object.fromEntries(
    [400, 403, ...statuses].map((status) => [status, { ...problem, description: titleOf(status) }]),
  ) as unknown as Record<number, typeof ProblemSchema>
}

/** Refusals of a route that needs a key. */
export function refusals(...statuses: readonly Refusal[]): Record<number, typeof ProblemSchema> {
  return publicRefusals(401, 429, 503, ...statuses)
}

/** Refusals of a route that changes something. */
export function orderRefusals(...statuses: readonly Refusal[]): Record<number, typeof ProblemSchema> {
  return refusals(413, 415, ...statuses)
}

/** An answer of these types, for the documentation. */
export function answerOf(description: string, ...types: readonly string[]): z.ZodAny {
  const content = Object.fromEntries(
    types.map((type) => [type, { schema: type === 'application/json' ? z.looseObject({}) : z.string() }]),
  )
  return { description, content } as unknown as z.ZodAny
}

function titleOf(wanted: number): string {
  return Object.values(PROBLEMS).find(({ status }) => status === wanted)?.title ?? ''
}
