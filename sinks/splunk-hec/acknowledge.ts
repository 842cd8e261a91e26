import { setTimeout as sleep } from 'node:timers/promises'
import { ACK_DISABLED, codeOf } from './classify.ts'

export interface AckResponse {
  readonly status: number
  readonly body: string
}

const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 2_000

/**
 * Polls until the indexers acknowledge a batch. A failed poll is repeated until the time limit.
 * @returns `disabled` if the token has no acknowledgement, so that being received has to be enough
 */
export async function acknowledged(
  ask: () => Promise<AckResponse>,
  ackId: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<'indexed' | 'disabled' | 'late'> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const answer = await ask().catch(() => undefined)
    if (answer && isAcknowledged(answer, ackId)) return 'indexed'
    if (answer && codeOf(answer.body) === ACK_DISABLED) return 'disabled'
    try {
      await sleep(wait, undefined, { signal: limit })
    } catch {
      return 'late'
    }
  }
}

function isAcknowledged({ status, body }: AckResponse, ackId: number): boolean {
  if (status !== 200) return false
  try {
    const { acks } = JSON.parse(body) as { acks?: Record<string, unknown> }
    return acks?.[String(ackId)] === true
  } catch {
    return false
  }
}
