import { OddlineError } from '../core/errors.ts'
import type { State } from '../queries/state.ts'
import { SilenceMatcher, Silences } from '../store/delivery/silences.ts'

export interface NewSilence {
  /** Address or user, with * and ? as wildcards. */
  readonly who?: string
  /** Attack type or detector, with * and ? as wildcards. */
  readonly what?: string
  readonly reason: string
  readonly author: string
  readonly forMs: number
}

/**
 * Keeps people from being told of matching incidents for a time. Findings are still delivered.
 * @throws OddlineError CONFIG_INVALID where it would cover everything
 */
export function addSilence(
  db: State,
  silence: NewSilence,
  now: number,
): { readonly id: number; readonly until: number } {
  const { who, what, reason, author, forMs } = silence
  const matcher = SilenceMatcher.safeParse({ who, what })
  if (!matcher.success) {
    throw new OddlineError(
      'CONFIG_INVALID',
      'A silence needs --who or --what. To silence everything, set mute: of the sink in the configuration.',
    )
  }
  const until = now + forMs
  const id = new Silences(db).add({ matcher: matcher.data, reason, author, createdAt: now, expiresAt: until })
  return { id, until }
}

/** Ends a silence now. @throws OddlineError INPUT_UNREADABLE where none of this id is in force */
export function endSilence(db: State, id: number, now: number): void {
  if (!new Silences(db).expire(id, now)) {
    throw new OddlineError('INPUT_UNREADABLE', `No silence ${id} is in force. See oddline silences list.`)
  }
}
