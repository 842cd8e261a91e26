import { styleText } from 'node:util'
import type { Severity } from '../../core/documents/severity.ts'

const COLOUR = { critical: 'red', high: 'magenta', medium: 'yellow', low: 'gray' } as const satisfies Record<
  Severity,
  string
>

/** Text in the colour of a severity, if the stream is a terminal with colours. */
export function coloured(severity: Severity, text: string, stream: NodeJS.WriteStream): string {
  return stream.isTTY && !process.env.NO_COLOR ? styleText(COLOUR[severity], text) : text
}

/** Wraps text at spaces and indents each line. Longer words are broken. */
export function wrap(text: string, indent: string, width = 80): string {
  const room = width - indent.length
  const lines: string[] = []
  let line = ''
  for (let word of text.split(/\s+/)) {
    if (line && line.length + 1 + word.length > room) {
      lines.push(line)
      line = ''
    }
    while (word.length > room) {
      lines.push(word.slice(0, room))
      word = word.slice(room)
    }
    line = line ? `${line} ${word}` : word
  }
  if (line) lines.push(line)
  return lines.map((one) => `${indent}${one}`).join('\n')
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`
}

/** A length of time in its two largest units. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}
