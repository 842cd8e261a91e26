import { createRequire } from 'node:module'
import { type Logger, pino } from 'pino'

/** Logs to standard error: readable text on a terminal, else one JSON object per line. Standard output is for results. */
export function createLogger(level: string, terminal: boolean): Logger {
  const options = { level, base: undefined, timestamp: () => `,"time":"${new Date().toISOString()}"` }
  if (!terminal) return pino(options, pino.destination({ fd: 2, sync: true }))
  const pretty = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty')
  return pino(options, pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss', singleLine: true }))
}
