import { visibleCut } from '../visible.ts'
import { wrap } from './text.ts'

/** What to do about sinks that are not configured any more and for which something waits. */
export function leftAdvice(names: readonly string[], indent = ''): string {
  const [first] = names
  const who = names.map((name) => visibleCut(name, 64)).join(', ')
  const text =
    `Nothing sends what waits for ${who}: ${names.length === 1 ? 'it is' : 'they are'} no longer configured. ` +
    `Send it through another sink with oddline sinks move ${visibleCut(first, 64)} NEW, ` +
    `or delete it with oddline sinks discard ${visibleCut(first, 64)}.`
  return wrap(text, indent)
}
