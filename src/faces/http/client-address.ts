import { BlockList, isIP } from 'node:net'

/**
 * The address that limits count by. Only a trusted proxy may name it: X-Forwarded-For is read from the right, and the
 * first hop that is not a trusted proxy is the client. What a client writes further left is never looked at.
 */
export class ClientAddress {
  readonly #trusted = new BlockList()

  /** @param proxies addresses and networks, checked by the configuration */
  constructor(proxies: readonly string[]) {
    for (const one of proxies) {
      const [address, bits] = one.split('/')
      const family = familyOf(address)
      if (bits === undefined) this.#trusted.addAddress(address, family)
      else this.#trusted.addSubnet(address, Number(bits), family)
    }
  }

  /** An IPv6 client counts as its /64 network, because it can choose any address in it. */
  of(peer: string, forwardedFor: string | readonly string[] | undefined): string {
    const hops = String(forwardedFor ?? '').split(',')
    let address = withoutPort(peer) ?? peer
    while (this.#isTrusted(address)) {
      const hop = withoutPort(hops.pop() ?? '')
      if (!hop) break
      address = hop
    }
    return isIP(address) === 6 ? networkOf(address) : address
  }

  #isTrusted(address: string): boolean {
    return isIP(address) !== 0 && this.#trusted.check(address, familyOf(address))
  }
}

export function isLoopback(host: string): boolean {
  const name = withoutPort(host) ?? host.toLowerCase()
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}

/** `192.0.2.1:80`, `[2001:db8::1]:80`, `::ffff:192.0.2.1` and the like as a plain address; undefined for anything else. */
function withoutPort(text: string): string | undefined {
  const bare = text
    .trim()
    .toLowerCase()
    .replace(/^"(.*)"$/, '$1')
  const host = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(bare)?.[1] ?? (isIP(bare) ? bare : bare.replace(/:\d{1,5}$/, ''))
  const address = host.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/, '')
  return isIP(address) ? address : undefined
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

function networkOf(address: string): string {
  const [head, tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const left = head ? head.split(':') : []
  const right = tail ? tail.split(':') : []
  const zeros = Array<string>(8 - left.length - right.length).fill('0')
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`
}
