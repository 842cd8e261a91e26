import { isIP } from 'node:net'

const COLON = 0x3a
const OPEN = 0x5b

/** Narrows slice i to the address inside `[2001:db8::1]` or `192.0.2.1:51544`. Other texts stay unchanged. */
export function addressWithin(text: string, starts: Uint32Array, ends: Uint32Array, i: number): void {
  const start = starts[i]
  const end = ends[i]
  if (text.charCodeAt(start) !== OPEN && !hasPort(text, start, end)) return
  const slice = text.slice(start, end)
  const bracketed = /^\[([0-9a-fA-F:.]{2,45})\](?::\d{1,5})?$/.exec(slice)
  if (bracketed !== null && isIP(bracketed[1]) === 6) {
    starts[i] = start + 1
    ends[i] = start + 1 + bracketed[1].length
    return
  }
  const port = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(slice)
  if (port !== null) ends[i] = start + port[1].length
}

/** True if a colon is near the end, where a port would be. */
function hasPort(text: string, start: number, end: number): boolean {
  for (let i = end - 1; i > start && i >= end - 6; i--) if (text.charCodeAt(i) === COLON) return true
  return false
}
