import type { FastifyRequest } from 'fastify'
import type { Api } from './api.ts'
import { Problem } from './problem.ts'

/**
 * Refuses what no route takes before its body is read: 405 with `Allow` where the address takes other methods, else 404.
 * Register it before the routes.
 */
export function refuseUnknownAddresses(app: Api): void {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    // The route of CORS for preflights.
    if (url === '*') return
    if (!routes.has(url)) routes.set(url, { pattern: patternOf(url), methods: new Set() })
    for (const one of [method].flat()) routes.get(url)?.methods.add(one)
  })
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    const path = request.url.replace(/\?.*$/s, '')
    const methods = [...routes.values()].filter(({ pattern }) => pattern.test(path)).flatMap((one) => [...one.methods])
    if (methods.length === 0) throw nothingAt(request)
    const allow = [...new Set(methods)].sort().join(', ')
    reply.header('allow', allow)
    throw new Problem('METHOD_NOT_ALLOWED', `This address takes ${allow}, not ${request.method}.`)
  })
}

export function nothingAt({ method }: FastifyRequest): Problem {
  return new Problem('NOT_FOUND', `Nothing is at ${method} of this address; GET / lists what is.`)
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/:\w+/g, '[^/]+').replaceAll('*', '.*')}$`)
}
