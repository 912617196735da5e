import swagger from '@fastify/swagger'
import { apiError } from '@rolecall/contract'
import type { FastifySchema } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Config } from '../config.ts'
import { type ManagementApp, scopeNames } from '../http/management-app.ts'
import { referencePage, referenceStyle } from './reference-page.ts'

/** Serves the OpenAPI 3.1 document of the routes, and a page with the same content. */
export async function describeApi(api: ManagementApp, config: Pick<Config, 'issuer'>): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Rolecall Management API',
        version: '2',
        description:
          'APIs, permissions, roles, users and applications over HTTP, on the wire format of Auth0’s Management API v2.',
      },
      servers: [{ url: config.issuer }],
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    transform: (document) => {
      const scope = document.route.config?.scope
      const { schema, url } = jsonSchemaTransform({ ...document, schema: withRefusals(document.schema) })
      const security = !scope || scope === 'public' ? [] : [{ bearer: scopeNames(scope) }]
      return { schema: { ...schema, security }, url }
    },
  })

  const hidden = { config: { scope: 'public' as const }, schema: { hide: true } }
  let page: string | undefined
  api.get('/openapi.json', { ...hidden, schema: { hide: true, response: { 200: z.unknown() } } }, () =>
    api.swagger(),
  )
  api.get('/docs', hidden, (_request, reply) => {
    page ??= referencePage(api.swagger(), config.issuer)
    return reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      )
      .send(page)
  })
  api.get('/docs.css', hidden, (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(referenceStyle),
  )
}

/** Adds the error format to the responses. */
function withRefusals(schema: FastifySchema): FastifySchema {
  const { response } = schema
  return typeof response === 'object' ? { ...schema, response: { ...response, default: apiError } } : schema
}
