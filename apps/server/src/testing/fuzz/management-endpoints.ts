import * as fc from 'fast-check'
import { z } from 'zod'
import { jsonBodies, parameters } from './bodies.ts'
import { fromSchema, type JsonSchema } from './from-schema.ts'
import { type Endpoint, encoded, type FuzzAnswer, type FuzzRequest } from './request.ts'
import { encodedJunk, hostileText } from './values.ts'

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema: JsonSchema }[]
  requestBody?: { content: Record<string, { schema: JsonSchema }> }
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>
}

export interface OpenApi {
  paths: Record<string, Record<string, Operation>>
}

/** Every route of the Management API's own description. */
export function managementEndpoints(document: OpenApi): Endpoint[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => endpointOf(method.toUpperCase(), path, operation)),
  )
}

function endpointOf(method: string, path: string, operation: Operation): Endpoint {
  const body = path.endsWith('/users-imports')
    ? multipart
    : bodyOf(operation.requestBody?.content['application/json']?.schema, fitting[`${method} ${path}`])
  const requests = fc
    .tuple(pathOf(path, method), queryOf(operation), body, authorization)
    .map(([address, query, { type, text }, authorized]): FuzzRequest => {
      const headers: Record<string, string> = { authorization: authorized }
      if (type) headers['content-type'] = type
      return { method, target: `${address}${query && `?${query}`}`, headers, body: text }
    })
  const name = `${method} ${path}`
  const endpoint: Endpoint = { name, requests, check: checkOf(operation), neverSucceeds: refusing.has(name) }
  // Few of the applications have a secret that was kept at a rotation.
  if (path.endsWith('/secrets/previous')) endpoint.isSuccess = (status) => status === 204 || status === 409
  // Twenty rotations and ten streams succeed, and the next ones are a conflict.
  if (path.endsWith('/keys/signing/rotate') || name === 'POST /api/v2/log-streams')
    endpoint.isSuccess = (status) => status === 201 || status === 409
  // An account is linked once.
  if (name === 'POST /api/v2/users/{id}/identities')
    endpoint.isSuccess = (status) => status === 201 || status === 409
  // The version of the configuration is not known here, so that a list that is right is a conflict.
  if (path.endsWith('/authorization/changes'))
    endpoint.isSuccess = (status) => status === 200 || status === 409
  return endpoint
}

/** What stands for features of Auth0 that a tenant without them answers with 403. */
const refusing = new Set([
  'GET /api/v2/prompts/rendering',
  'GET /api/v2/attack-protection/bot-detection',
  'GET /api/v2/attack-protection/captcha',
])

const authorization = fc.oneof(
  { weight: 40, arbitrary: fc.constant('Bearer ~~caller.token~~') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', 'Bearer', 'Bearer a.b.c', 'Basic eDp5', 'bearer ~~caller.token~~'),
  },
)

/** What the parameters of a path name; the first that matches counts. */
const objectAt: [RegExp, Record<string, string>][] = [
  [/^\/clients\/\{id\}\/credentials/, { id: '~~credentials.client~~', credential: '~~credentials.id~~' }],
  [/^\/keys\/signing\/\{kid\}\/revoke/, { kid: '~~previousKey.kid~~' }],
  [/^\/keys\/signing/, { kid: '~~keys.kid~~' }],
  [/^\/resource-servers/, { id: '~~apis.id~~' }],
  [/^\/grants/, { id: '~~allowed.id~~' }],
  [/^\/client-grants/, { id: '~~grants.id~~' }],
  [/^\/clients|^\/rolecall\/clients/, { id: '~~clients.id~~' }],
  [/^\/connections/, { id: '~~connections.id~~' }],
  [/^\/rolecall\/connections\/\{id\}\/provider/, { id: '~~providers.id~~' }],
  [/^\/rolecall\/connections/, { id: '~~migrations.id~~' }],
  [/^\/users\/\{id\}\/identities/, { id: '~~linked.id~~', provider: 'oidc', user_id: '~~linked.account~~' }],
  [
    /^\/users\/\{id\}\/authentication-methods\/\{method\}/,
    { id: '~~enrolled.id~~', method: '~~enrolled.method~~' },
  ],
  [/^\/users|^\/user-blocks/, { id: '~~users.id~~' }],
  [/^\/roles/, { id: '~~roles.id~~' }],
  [/^\/sessions/, { id: '~~loggedIn.session~~' }],
  [/^\/(rolecall\/)?log-streams/, { id: '~~streams.id~~' }],
  [/^\/logs/, { id: '~~logs.id~~' }],
  [/^\/jobs/, { id: '~~jobs.id~~' }],
  [/^\/rolecall\/exports/, { id: '~~exports.id~~' }],
]

function pathOf(path: string, method: string): fc.Arbitrary<string> {
  const found = objectAt.find(([pattern]) => pattern.test(path.slice('/api/v2'.length)))?.[1] ?? {}
  const parts = path.split('/').map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1]
    if (name === undefined) return fc.constant(part)
    return fc.oneof(
      { weight: method === 'GET' ? 6 : 10, arbitrary: fc.constant(found[name] ?? 'login') },
      { weight: 1, arbitrary: hostileText.map(encoded) },
      { weight: 1, arbitrary: encodedJunk },
    )
  })
  return fc.tuple(...parts).map((written) => written.join('/'))
}

function queryOf({ parameters: all = [] }: Operation): fc.Arbitrary<string> {
  const named = all.filter((one) => one.in === 'query')
  if (named.length === 0)
    return fc.oneof({ weight: 20, arbitrary: fc.constant('') }, { weight: 1, arbitrary: encodedJunk })
  const required = named.filter((one) => one.required)
  const right = fc
    .subarray(named, { maxLength: Math.min(3, named.length) })
    .chain((chosen) =>
      fc.tuple(
        ...[...new Set([...required, ...chosen])].map(({ name, schema }) =>
          fromSchema(schema, name).map((value) => `${name}=${encoded(String(value))}`),
        ),
      ),
    )
    .map((pairs) => pairs.join('&'))
  const wrong = parameters(named.map(({ name }) => ({ name, right: ['1', 'true', 'name'], optional: true })))
  return fc.oneof({ weight: 3, arbitrary: right }, { weight: 1, arbitrary: wrong })
}

interface MaybeBody {
  type: string
  text?: string
}

/** Bodies that fit, where few of those that the declared schema describes do. */
const fitting: Record<string, JsonSchema> = {
  'POST /api/v2/tickets/password-change': {
    type: 'object',
    required: ['user_id'],
    properties: {
      user_id: { type: 'string' },
      ttl_sec: { type: 'integer', minimum: 0, maximum: 86_400 },
      mark_email_as_verified: { type: 'boolean' },
    },
  },
  'POST /api/v2/users/{id}/identities': {
    type: 'object',
    required: ['provider', 'user_id'],
    properties: { provider: { enum: ['oidc'] }, user_id: { enum: ['~~accounts.account~~'] } },
  },
  'POST /api/v2/log-streams': {
    type: 'object',
    required: ['type', 'sink'],
    properties: {
      type: { enum: ['http'] },
      status: { enum: ['active', 'paused'] },
      sink: { enum: [{ httpEndpoint: 'http://127.0.0.1:9/' }] },
    },
  },
  'POST /api/v2/rolecall/log-streams/{id}/retry': { type: 'object', properties: {} },
  'POST /api/v2/authorization/changes': {
    type: 'object',
    required: ['plan_id', 'version', 'changes'],
    properties: {
      plan_id: { enum: ['fuzzed-plan'] },
      version: { enum: ['none'] },
      changes: {
        type: 'array',
        minItems: 1,
        items: {
          enum: [
            { method: 'DELETE', path: '/roles/~~roles.id~~' },
            { method: 'PATCH', path: '/resource-servers/~~apis.id~~', body: { name: 'Fuzzed' } },
          ],
        },
      },
    },
  },
  'POST /api/v2/authorization/preview': {
    type: 'object',
    required: ['changes'],
    properties: {
      changes: {
        type: 'array',
        minItems: 1,
        items: {
          enum: [
            { method: 'POST', path: '/users/~~users.id~~/roles', body: { roles: ['~~roles.id~~'] } },
            { method: 'DELETE', path: '/users/~~users.id~~/roles', body: { roles: ['~~roles.id~~'] } },
            { method: 'PATCH', path: '/users/~~users.id~~', body: { blocked: true } },
            { method: 'DELETE', path: '/roles/~~roles.id~~' },
            { method: 'DELETE', path: '/resource-servers/~~apis.id~~' },
          ],
        },
      },
    },
  },
}

function bodyOf(schema: JsonSchema | undefined, fits?: JsonSchema): fc.Arbitrary<MaybeBody> {
  const none = fc.constant<MaybeBody>({ type: '' })
  if (!schema) return fc.oneof({ weight: 20, arbitrary: none }, { weight: 1, arbitrary: jsonBodies({}) })
  const some = fits ? fc.oneof(jsonBodies(schema), jsonBodies(fits)) : jsonBodies(schema)
  return fc.oneof({ weight: 40, arbitrary: some }, { weight: 1, arbitrary: none })
}

/** A file of users and the other fields, as a browser sends them. */
const multipart: fc.Arbitrary<MaybeBody> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom('[{"email":"~~new.word~~@example.com"}]', '{"email":"~~new.word~~@example.com"}', '[]'),
      jsonBodies({
        type: 'array',
        items: {
          type: 'object',
          properties: { email: { type: 'string' }, name: { type: 'string' }, custom_password_hash: {} },
        },
      }).map(({ text }) => text),
    ),
    fc.dictionary(
      fc.constantFrom('upsert', 'external_id', 'send_completion_email', 'unknown'),
      fc.oneof(fc.constantFrom('true', 'false'), hostileText),
      { maxKeys: 2 },
    ),
    fc.oneof(
      { weight: 6, arbitrary: fc.constant('~~connections.id~~') },
      { weight: 1, arbitrary: hostileText },
    ),
    fc.oneof(
      { weight: 10, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.constantFrom('cut', 'unnamed') },
    ),
  )
  .map(([users, fields, connection, fault]) => {
    const part = (head: string, content: string) =>
      `--x\r\ncontent-disposition: form-data; ${head}\r\n\r\n${content}\r\n`
    const whole = [
      part(fault === 'unnamed' ? 'filename="a"' : 'name="users"; filename="users.json"', users),
      ...Object.entries({ ...fields, connection_id: connection }).map(([name, value]) =>
        part(`name="${name}"`, value.toWellFormed()),
      ),
      '--x--\r\n',
    ].join('')
    return {
      type: 'multipart/form-data; boundary=x',
      text: fault === 'cut' ? whole.slice(0, whole.length / 2) : whole,
    }
  })

/** The answer's status is declared, and its body fits what is declared for it. */
function checkOf({ responses }: Operation): (answer: FuzzAnswer) => string | undefined {
  const schemas = new Map(
    Object.entries(responses).map(([status, { content }]) => {
      const schema = content?.['application/json']?.schema
      // The schemas are JSON Schema as Zod wrote it.
      return [status, schema ? z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]) : undefined]
    }),
  )
  const refusal = z.object({
    statusCode: z.int(),
    error: z.string(),
    message: z.string(),
    errorCode: z.string().optional(),
  })
  return ({ status, type, text }) => {
    if (status >= 400) {
      const parsed = parse(text)
      const result = refusal.strict().safeParse(parsed)
      if (!result.success) return `not the form of an error: ${text.slice(0, 300)}`
      return result.data.statusCode === status ? undefined : `says ${result.data.statusCode} in the body`
    }
    if (!schemas.has(String(status))) return 'the status is not documented'
    const schema = schemas.get(String(status))
    if (!schema) return undefined
    if (!type.startsWith('application/json')) return `content type ${type}`
    const result = schema.safeParse(parse(text))
    return result.success
      ? undefined
      : `does not fit its schema: ${result.error.message.slice(0, 500)}\n${text.slice(0, 500)}`
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
