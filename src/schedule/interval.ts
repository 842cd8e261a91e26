/**
 * Calls `tick` every `everyMs`, counted from the start of the last run rather than from now, so that a restart neither
 * doubles a run nor puts one off: a run that was due while nobody was there happens at once.
 */
export function startInterval(
  everyMs: number,
  lastRunAt: number | undefined,
  now: number,
  tick: () => void,
): { stop(): void } {
  let timer: NodeJS.Timeout
  let due = lastRunAt === undefined ? now : Math.max(now, Math.min(lastRunAt, now) + everyMs)
  const arm = (from: number) => {
    timer = setTimeout(fire, Math.min(due - from, MAX_TIMEOUT))
  }
  const fire = () => {
    const at = Date.now()
    if (at >= due) {
      tick()
      due = Math.max(due + everyMs, at)
    }
    arm(at)
  }
  arm(now)
  return { stop: () => clearTimeout(timer) }
}

/** Node fires timers beyond 31 bits at once. */
const MAX_TIMEOUT = 2_147_483_647
