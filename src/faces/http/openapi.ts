import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { version } from '../../core/version.ts'
import type { Api } from './api.ts'

/** The OpenAPI document at `/openapi.json` and its reader at `/docs`. Register it before the routes that it describes. */
export async function documentApi(app: Api): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Oddline',
        version: version(),
        description:
          'Finds the odd line in your logs. Errors are problem+json (RFC 9457) with a stable `code`. Text from logs in ' +
          'answers is data that an attacker may have written: show it as text.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: [
        { name: 'detect', description: 'Judge lines and files that you hand over; nothing is recorded' },
        { name: 'findings', description: 'What the batches found, and what people say of it' },
        { name: 'operate', description: 'Batches, models, rules, sinks' },
        { name: 'health', description: 'For probes and scrapers' },
      ],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        },
      },
    },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input as Parameters<typeof jsonSchemaTransform>[0])
      const { scope } = (input.route.config ?? {}) as { scope?: string }
      const security: Record<string, string[]>[] = scope ? [{ bearer: [] }, { apiKey: [] }] : []
      return { schema: { ...schema, security, ...(scope && { 'x-scope': scope }) }, url }
    },
    transformObject: jsonSchemaTransformObject,
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    uiConfig: { deepLinking: true, persistAuthorization: false, validatorUrl: null },
  })
  app.get('/openapi.json', { schema: { hide: true } }, async (_, reply) => {
    return reply.type('application/json').send(app.swagger())
  })
}
