import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { FaceDeps } from '../ports.ts'
import type { Scope } from './auth.ts'
import { ProblemSchema } from './problem.ts'

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

/** The refusals that a route of a scope can give, for its documentation. */
export function refusals(
  ...statuses: readonly (400 | 404 | 409 | 413 | 415 | 422 | 503)[]
): Record<number, typeof ProblemSchema> {
  return Object.fromEntries([400, 401, 403, 429, ...statuses].map((status) => [status, ProblemSchema]))
}
