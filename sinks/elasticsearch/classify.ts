import { errors } from '@elastic/elasticsearch'
import {
  bounded,
  type DeliveryOutcome,
  type FailureReason,
  type Finding,
  parseRetryAfter,
  type Rejected,
  type Rejection,
  type Retry,
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

/** Item errors caused by the cluster or by missing privileges. The document is valid. */
const CLUSTER_ERRORS: Readonly<Record<string, FailureReason>> = {
  index_not_found_exception: 'misconfigured',
  no_such_index_exception: 'misconfigured',
  cluster_block_exception: 'server_error',
  security_exception: 'unauthorized',
  unavailable_shards_exception: 'server_error',
}

/**
 * Classifies the answer of `_bulk` item by item: 2xx and 409 (a duplicate) are delivered, 429, 5xx and cluster errors
 * are retried, and the rest is rejected with the reason of the cluster.
 */
export function classifyItems(batch: readonly Finding[], body: unknown): DeliveryOutcome {
  const items = (body as { items?: unknown } | null)?.items
  if (!Array.isArray(items) || items.length !== batch.length) {
    return { kind: 'retry', reason: 'unexpected', detail: 'the answer is not that of a bulk request' }
  }
  const retry: Finding[] = []
  const rejected: Rejection[] = []
  let failure: { reason: FailureReason; detail: string } | undefined
  for (const [index, finding] of batch.entries()) {
    const item: BulkItem = items[index]?.create ?? {}
    const status = item.status ?? 500
    if ((status >= 200 && status < 300) || status === 409) continue
    const detail = detailOf(status, item)
    const reason = CLUSTER_ERRORS[item.error?.type ?? ''] ?? reasonOfItem(status)
    if (reason === 'invalid_event' || reason === 'too_large') {
      rejected.push({ finding, reason, detail })
    } else {
      retry.push(finding)
      failure ??= { reason, detail }
    }
  }
  if (retry.length === 0 && rejected.length === 0) return { kind: 'delivered' }
  if (failure && retry.length === batch.length) return { kind: 'retry', ...failure }
  return { kind: 'partial', retry, rejected, ...failure }
}

function reasonOfItem(status: number): FailureReason {
  const reason = reasonOfStatus(status)
  return reason === 'misconfigured' ? 'invalid_event' : reason
}

function detailOf(status: number, { error }: BulkItem): string {
  const cause = error?.caused_by?.reason
  // The reason quotes the document, so it is bounded to one line.
  return bounded([status, error?.type, error?.reason, cause].filter((part) => part !== undefined).join(': '))
}

/** Outcome of a bulk request that failed as a whole. */
export function classifyRequestError(error: unknown, now: number): Retry | Rejected {
  if (error instanceof errors.ResponseError) {
    const status = error.statusCode ?? 500
    const body = error.body as { error?: { type?: string; reason?: string } | string } | undefined
    const said = typeof body?.error === 'object' ? `${body.error.type}: ${body.error.reason}` : body?.error
    const detail = bounded(`HTTP ${status} ${said ?? ''}`)
    if (status === 406 || status === 415) {
      return {
        kind: 'retry',
        reason: 'misconfigured',
        detail: `${detail}. Set flavour: opensearch if the server is OpenSearch`,
      }
    }
    const reason = reasonOfStatus(status)
    if (reason === 'invalid_event' || reason === 'too_large') return { kind: 'rejected', reason, detail }
    const header = error.headers?.['retry-after']
    return { kind: 'retry', reason, detail, afterMs: parseRetryAfter(header?.toString(), now) }
  }
  if (error instanceof errors.ProductNotSupportedError) {
    const detail = 'the server is not Elasticsearch 7.14 or later; set flavour: opensearch if it is OpenSearch'
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
