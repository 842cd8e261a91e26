import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import cors from '@fastify/cors'
import multipart from '@fastify/multipart'
import rateLimit from '@fastify/rate-limit'
import { fastify } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import { messageOf, OddlineError } from '../../core/errors.ts'
import type { FaceDeps } from '../ports.ts'
import type { Api, ApiDeps } from './api.ts'
import { demand, Gatekeeper } from './auth.ts'
import { ClientAddress } from './client-address.ts'
import { refuseUnknownParameters } from './known-parameters.ts'
import { nothingAt, refuseUnknownAddresses } from './methods.ts'
import { documentApi } from './openapi.ts'
import { Problem, problemFor, refuse, sendProblem } from './problem.ts'
import { addRoutes } from './routes.ts'
import { securityHeaders } from './security-headers.ts'
import { refuseUnread } from './unread.ts'

/** Longest that a client may take to send the headers of a request, and all of it, ms. */
const HEADERS_TIMEOUT = 30_000
const REQUEST_TIMEOUT = 300_000
/** Longest silence of a connection, ms, besides the time that an analysis may take. */
const SILENCE = 60_000

/**
 * Creates the REST API without listening. The schemas that check the requests also make the OpenAPI document.
 * @throws OddlineError CONFIG_INVALID where it would be open to the network, or where TLS files cannot be read
 */
export async function createApi(deps: ApiDeps): Promise<Api> {
  const { api: settings } = deps.config
  const gate = new Gatekeeper(settings)
  const client = new ClientAddress(settings.trust_proxy)
  const app = fastify({
    ...server(settings.tls),
    logger: false,
    bodyLimit: settings.max_body_bytes,
    requestTimeout: REQUEST_TIMEOUT,
    connectionTimeout: settings.analysis_seconds * 1000 + SILENCE,
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: 256 },
    genReqId: requestIds(),
    requestIdHeader: false,
    exposeHeadRoutes: true,
    return503OnClosing: true,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    frameworkErrors: refuse,
    clientErrorHandler: refuseUnread,
  } as object).withTypeProvider() as unknown as Api
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.setErrorHandler((error, request, reply) => {
    const problem = problemFor(error)
    if (problem.code === 'INTERNAL') deps.onFailure(request.id, error)
    return sendProblem(reply, request, problem)
  })
  app.setNotFoundHandler((request, reply) => sendProblem(reply, request, nothingAt(request)))
  app.decorateRequest('address', '')
  app.decorateRequest('caller', '')
  app.decorateRequest('scopes')
  // A connection that stays open after its last answer would hold up the end of the program.
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onSend', (_, reply, payload, done) => {
    if (closing) reply.header('connection', 'close')
    done(null, payload)
  })
  const always = securityHeaders(settings.tls.cert_file !== '')
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).headers(always)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    deps.metrics.answered(request.routeOptions.url ?? 'none', request.method, reply.statusCode, reply.elapsedTime)
    done()
  })
  app.addHook('onRequest', async (request) => {
    request.address = client.of(request.socket.remoteAddress ?? '', request.headers['x-forwarded-for'])
    gate.admit(request)
  })
  if (settings.cors_origins.length > 0) {
    await app.register(cors, {
      origin: [...settings.cors_origins],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
      strictPreflight: false,
    })
  }
  refuseUnknownAddresses(app)
  app.addHook('onRequest', async (request) => {
    const { scope } = request.routeOptions.config
    if (!scope) return
    const caller = gate.identify(request)
    request.caller = caller.name
    request.scopes = caller.scopes
    demand(caller, scope)
  })
  if (settings.rate_limit_per_minute > 0) {
    await app.register(rateLimit, {
      hook: 'preParsing',
      max: settings.rate_limit_per_minute,
      timeWindow: 60_000,
      cache: 10_000,
      keyGenerator: (request) => `${request.caller} ${request.address}`,
      allowList: (request) => request.routeOptions.config.scope === undefined,
      errorResponseBuilder: (_, { after, ttl }) =>
        new Problem('RATE_LIMITED', `This key may ask again in ${after}.`, { retryAfter: ttl / 1000 }),
    })
  }
  await app.register(multipart, {
    limits: { files: 1, fields: 10, fieldSize: 4096, parts: 11, headerPairs: 50, fileSize: settings.max_file_bytes },
  })
  refuseUnknownParameters(app)
  await documentApi(app)
  addRoutes(app, deps)
  await app.ready()
  return app
}

/** Unique request ids: a random prefix per process and a counter, which is cheaper than a random id each. */
function requestIds(): () => string {
  const process = randomBytes(6).toString('hex')
  let count = 0
  return () => `${process}-${(++count).toString(36)}`
}

/** @throws OddlineError CONFIG_INVALID */
function server({ cert_file, key_file }: FaceDeps['config']['api']['tls']): object {
  if (!cert_file) return { http: { headersTimeout: HEADERS_TIMEOUT } }
  try {
    const files = { cert: readFileSync(cert_file), key: readFileSync(key_file) }
    return { https: { ...files, headersTimeout: HEADERS_TIMEOUT } }
  } catch (error) {
    throw new OddlineError('CONFIG_INVALID', `The files of api.tls cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
