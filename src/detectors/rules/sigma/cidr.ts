/** Tests whether addresses belong to networks in CIDR notation, IPv4 and IPv6. */

export function compileCidr(network: string): (value: string) => boolean {
  const slash = network.indexOf('/')
  const base = parseAddress(slash < 0 ? network : network.slice(0, slash))
  if (!base) throw new Error(`"${network}" is not a network in CIDR notation, such as 10.0.0.0/8`)
  const width = base.length * 16
  const bits = slash < 0 ? width : Number(network.slice(slash + 1))
  if (!Number.isInteger(bits) || bits < 0 || bits > width)
    throw new Error(`"${network}" has an invalid prefix length; it must be 0 to ${width}`)
  return (value) => {
    const address = parseAddress(value)
    if (!address || address.length !== base.length) return false
    for (let group = 0, left = bits; left > 0; group++, left -= 16) {
      const shift = Math.max(0, 16 - left)
      if (address[group] >>> shift !== base[group] >>> shift) return false
    }
    return true
  }
}

/** An address as groups of 16 bits: two for IPv4, eight for IPv6; undefined if it is invalid. */
export function parseAddress(text: string): readonly number[] | undefined {
  if (text.length > 45) return undefined
  if (!text.includes(':')) return parseFour(text)
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(parseGroups)
  if (!head || (halves.length === 2 && !tail)) return undefined
  if (halves.length === 1) return head.length === 8 ? head : undefined
  const missing = 8 - head.length - tail!.length
  return missing < 1 ? undefined : [...head, ...new Array<number>(missing).fill(0), ...tail!]
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    const four = i === parts.length - 1 && part.includes('.') ? parseFour(part) : undefined
    if (four) groups.push(...four)
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

function parseFour(text: string): number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined
  const [a, b, c, d] = parts.map(Number)
  return [a * 256 + b, c * 256 + d]
}
