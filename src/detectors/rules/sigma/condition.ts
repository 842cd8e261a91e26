/**
 * The condition of a rule as a tree. Grammar of the Sigma specification, from the lowest precedence: `or`, `and`,
 * `not`, then parentheses, identifiers and quantifiers (`1 of x*`, `all of them`).
 */
export type Condition =
  | { readonly kind: 'or' | 'and'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'search'; readonly name: string }

const MAX_DEPTH = 100

export function parseCondition(source: string, names: readonly string[]): Condition {
  const tokens = source.match(/\(|\)|[^\s()]+/g) ?? []
  let at = 0
  let depth = 0

  const keyword = (word: string) => tokens[at]?.toLowerCase() === word
  const fail = (what: string): never => {
    throw new Error(`condition "${source}": ${what}`)
  }

  function either(): Condition {
    const of = [both()]
    while (keyword('or')) {
      at++
      of.push(both())
    }
    return of.length === 1 ? of[0] : { kind: 'or', of }
  }

  function both(): Condition {
    const of = [unary()]
    while (keyword('and')) {
      at++
      of.push(unary())
    }
    return of.length === 1 ? of[0] : { kind: 'and', of }
  }

  function unary(): Condition {
    if (++depth > MAX_DEPTH) fail('nested too deeply')
    try {
      if (keyword('not')) {
        at++
        return { kind: 'not', of: unary() }
      }
      if (tokens[at] === '(') {
        at++
        const inner = either()
        if (tokens[at++] !== ')') fail('a parenthesis is not closed')
        return inner
      }
      return quantifier() ?? identifier()
    } finally {
      depth--
    }
  }

  function quantifier(): Condition | undefined {
    const count = tokens[at]?.toLowerCase()
    if (tokens[at + 1]?.toLowerCase() !== 'of') return undefined
    if (count !== 'all' && count !== 'any' && !/^\d+$/.test(count)) fail(`"${count} of" is not a quantifier`)
    const target = tokens[at + 2] ?? fail(`"${count} of" needs a name, a pattern or "them"`)
    at += 3
    const of = select(target).map((name): Condition => ({ kind: 'search', name }))
    if (of.length === 0) fail(`"${target}" matches no search identifier of this rule`)
    if (count === 'all') return of.length === 1 ? of[0] : { kind: 'and', of }
    const needed = count === 'any' ? 1 : Number(count)
    if (needed === 1) return of.length === 1 ? of[0] : { kind: 'or', of }
    if (needed === 0 || needed > of.length) fail(`"${count} of ${target}" is impossible with ${of.length} identifiers`)
    const subsets = choose(of, needed)
    return { kind: 'or', of: subsets.map((subset) => ({ kind: 'and', of: subset })) }
  }

  function select(target: string): readonly string[] {
    // By the specification, "them" excludes identifiers that start with an underscore.
    if (target.toLowerCase() === 'them') return names.filter((name) => !name.startsWith('_'))
    const pattern = new RegExp(`^${target.split('*').map(escapeRegExp).join('.*')}$`)
    return names.filter((name) => pattern.test(name))
  }

  function identifier(): Condition {
    const name = tokens[at] ?? fail('it ends too early')
    if (!names.includes(name)) fail(`"${name}" is not a search identifier of this rule`)
    at++
    return { kind: 'search', name }
  }

  function choose(of: readonly Condition[], size: number): Condition[][] {
    if (size === 0) return [[]]
    const found: Condition[][] = []
    for (let i = 0; i + size <= of.length; i++) {
      for (const rest of choose(of.slice(i + 1), size - 1)) found.push([of[i], ...rest])
      if (found.length > 10_000) fail('it has too many combinations')
    }
    return found
  }

  const condition = either()
  if (at < tokens.length) fail(`"${tokens[at]}" is not expected here`)
  return condition
}

function escapeRegExp(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
}
