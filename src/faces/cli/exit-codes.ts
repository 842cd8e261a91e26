/** What a cron job can tell from the exit code, beside the codes of `core/errors.ts`. */
export const EXIT = { ok: 0, unexpected: 1, usage: 2, partial: 5, findings: 10 } as const
