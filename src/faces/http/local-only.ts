import type { FastifyRequest } from 'fastify'
import { isLoopback } from './client-address.ts'
import { Problem } from './problem.ts'

/** Headers by which a proxy tells where a request came from, besides `X-Forwarded-*`. */
const FORWARDING = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-host',
  'x-envoy-external-address',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
])

/**
 * Holds an API without keys to this host: the socket comes from loopback, no proxy passed the request on, it names a
 * loopback host, and no page of another origin caused it (DNS rebinding, cross-site requests). No header opens anything.
 * @throws Problem FORBIDDEN
 */
export function refuseOthers({ socket, headers }: FastifyRequest): void {
  if (!isLoopback(socket.remoteAddress ?? '')) throw refusal('answers only to this host itself')
  const proxied = Object.keys(headers).find((name) => name.startsWith('x-forwarded-') || FORWARDING.has(name))
  if (proxied) throw refusal(`takes no requests through a proxy, which ${proxied} tells of`)
  const { host = '', origin } = headers
  if (!isLoopback(host.replace(/:\d{1,5}$/, '')))
    throw refusal('answers only to the name of this host, such as localhost')
  if (origin !== undefined && hostOf(origin) !== host) throw refusal('takes no requests from other pages')
  // Images and scripts of other pages send no origin. A link that a person follows is a navigation.
  const { 'sec-fetch-site': site = 'none', 'sec-fetch-mode': mode } = headers
  if (site !== 'none' && site !== 'same-origin' && mode !== 'navigate')
    throw refusal('takes no requests from other pages')
}

function refusal(what: string): Problem {
  return new Problem('FORBIDDEN', `An API without keys ${what}. \`oddline api-key\` makes a key.`)
}

function hostOf(origin: string): string {
  try {
    return new URL(origin).host
  } catch {
    return ''
  }
}
