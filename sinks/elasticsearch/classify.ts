import { errors } from '@elastic/elasticsearch'
import {
  bounded,
  type DeliveryOutcome,
  type FailureReason,
  type Finding,
  parseRetryAfter,
  type Rejection,
  reasonOfStatus,
  reasonOfSystemError,
} from '#sink'

interface BulkItem {
  readonly status?: number
  readonly error?: {
    readonly type?: string
    readonly reason?: string
    readonly caused_by?: { readonly reason?: string }
  }
}

/** Errors of single items that are about the cluster or our rights and not about the document. */
const ABOUT_THE_CLUSTER: Readonly<Record<string, FailureReason>> = {
  index_not_found_exception: 'misconfigured',
  no_such_index_exception: 'misconfigured',
  cluster_block_exception: 'server_error',
  security_exception: 'unauthorized',
  unavailable_shards_exception: 'server_error',
}

/**
 * The answer of `_bulk`, item by item: 2xx and 409 (there already) are delivered, 429 and 5xx come again alone, the
 * rest are dead letters with the reason that the cluster gave.
 */
export function classifyItems(batch: readonly Finding[], body: unknown): DeliveryOutcome {
  const items = (body as { items?: unknown } | null)?.items
  if (!Array.isArray(items) || items.length !== batch.length) {
    return { kind: 'retry', reason: 'unexpected', detail: 'not the answer of a bulk request' }
  }
  const retry: Finding[] = []
  const rejected: Rejection[] = []
  let why: { reason: FailureReason; detail: string } | undefined
  for (const [index, finding] of batch.entries()) {
    const item: BulkItem = items[index]?.create ?? {}
    const status = item.status ?? 500
    if ((status >= 200 && status < 300) || status === 409) continue
    const detail = detailOf(status, item)
    const reason = ABOUT_THE_CLUSTER[item.error?.type ?? ''] ?? reasonOfItem(status)
    if (reason === 'invalid_event' || reason === 'too_large') {
      rejected.push({ finding, reason, detail })
    } else {
      retry.push(finding)
      why ??= { reason, detail }
    }
  }
  if (retry.length === 0 && rejected.length === 0) return { kind: 'delivered' }
  if (why && retry.length === batch.length) return { kind: 'retry', ...why }
  return { kind: 'partial', retry, rejected, ...why }
}

function reasonOfItem(status: number): FailureReason {
  const reason = reasonOfStatus(status)
  return reason === 'misconfigured' ? 'invalid_event' : reason
}

function detailOf(status: number, { error }: BulkItem): string {
  const cause = error?.caused_by?.reason
  // The document's own text is quoted in the reason; it is bounded and stays on one line.
  return bounded([status, error?.type, error?.reason, cause].filter((part) => part !== undefined).join(': '))
}

/** A request that failed as a whole. */
export function classifyError(error: unknown, now: number): DeliveryOutcome {
  if (error instanceof errors.ResponseError) {
    const status = error.statusCode ?? 500
    const body = error.body as { error?: { type?: string; reason?: string } | string } | undefined
    const said = typeof body?.error === 'object' ? `${body.error.type}: ${body.error.reason}` : body?.error
    const detail = bounded(`HTTP ${status} ${said ?? ''}`)
    if (status === 406 || status === 415) {
      return { kind: 'retry', reason: 'misconfigured', detail: `${detail}. For OpenSearch set flavour: opensearch` }
    }
    const reason = reasonOfStatus(status)
    if (reason === 'invalid_event' || reason === 'too_large') return { kind: 'rejected', reason, detail }
    const header = error.headers?.['retry-after']
    return { kind: 'retry', reason, detail, afterMs: parseRetryAfter(header?.toString(), now) }
  }
  if (error instanceof errors.ProductNotSupportedError) {
    const detail = 'the server is not Elasticsearch 7.14 or later; for OpenSearch set flavour: opensearch'
    return { kind: 'retry', reason: 'misconfigured', detail }
  }
  if (error instanceof errors.TimeoutError || error instanceof errors.RequestAbortedError) {
    return { kind: 'retry', reason: 'timeout', detail: 'no answer within the time limit' }
  }
  if (error instanceof errors.DeserializationError) {
    return { kind: 'retry', reason: 'unexpected', detail: 'the answer is not JSON' }
  }
  if (error instanceof errors.ConnectionError) {
    const { reason, detail } = reasonOfSystemError(error)
    return { kind: 'retry', reason, detail: reason === 'network' ? bounded(error.message, 120) : detail }
  }
  return { kind: 'retry', reason: 'unexpected', detail: bounded((error as Error)?.message) }
}
