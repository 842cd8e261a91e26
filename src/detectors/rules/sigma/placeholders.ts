/** Values for `%name%` in rules with the modifier `expand`. */
export type Placeholders = Readonly<Record<string, readonly string[]>>

/** A placeholder. A percent sign after a backslash is literal. */
const PLACEHOLDER = /(?<!\\)%([^%\s\\]+)%/

/** All variants of a text with its placeholders replaced by their values; empty if a placeholder has no values. */
export function expand(text: string, placeholders: Placeholders): readonly string[] {
  const match = PLACEHOLDER.exec(text)
  if (!match) return [text.replaceAll('\\%', '%')]
  const head = text.slice(0, match.index).replaceAll('\\%', '%')
  const tails = expand(text.slice(match.index + match[0].length), placeholders)
  const values = Object.hasOwn(placeholders, match[1]) ? placeholders[match[1]] : []
  return values.flatMap((value) => tails.map((tail) => head + value + tail))
}

/**
 * Names of the placeholders of a detection without values. The specification says: "If the tool isn't able to handle
 * placeholders, it must reject the rule."
 */
export function unfilled(detection: unknown, placeholders: Placeholders): readonly string[] {
  const names = expandedTexts(detection).flatMap((text) =>
    Array.from(text.matchAll(new RegExp(PLACEHOLDER, 'g')), ([, name]) => name),
  )
  return [...new Set(names)].filter((name) => !placeholders[name]?.length)
}

function expandedTexts(node: unknown, expanded = false): readonly string[] {
  if (typeof node === 'string') return expanded ? [node] : []
  if (Array.isArray(node)) return node.flatMap((each) => expandedTexts(each, expanded))
  if (node === null || typeof node !== 'object') return []
  return Object.entries(node).flatMap(([key, value]) => expandedTexts(value, key.split('|').includes('expand')))
}
