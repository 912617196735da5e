import * as fc from 'fast-check'
import { search } from './values.ts'

/** The part of JSON Schema that the routes' declarations use. */
export interface JsonSchema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  not?: object
  pattern?: string
  format?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: JsonSchema | boolean
}

/** Members that name an existing object, and members whose value must be new or follow a rule. */
const byName: Record<string, string[]> = {
  client_id: ['~~clients.id~~'],
  enabled_clients: ['~~clients.id~~'],
  allowed_clients: ['~~clients.id~~'],
  user_id: ['~~users.id~~'],
  users: ['~~users.id~~'],
  owner_id: ['~~users.id~~'],
  roles: ['~~roles.id~~'],
  role: ['~~roles.id~~'],
  resource_server_identifier: ['~~apis.identifier~~'],
  audience: ['~~apis.identifier~~'],
  api: ['~~apis.identifier~~'],
  default_audience: ['~~apis.identifier~~', ''],
  permission: ['read:x'],
  permission_name: ['read:x', 'write:x'],
  scope: ['read:x', 'write:x'],
  connection: ['Username-Password-Authentication'],
  default_directory: ['Username-Password-Authentication', ''],
  connection_id: ['~~connections.id~~'],
  strategy: ['auth0'],
  discovery_url: ['https://id.invalid/.well-known/openid-configuration'],
  issuer: ['https://id.invalid'],
  identifier: ['https://~~new.word~~.test', '~~users.email~~'],
  email: ['~~new.word~~@example.com', '~~users.email~~'],
  name: ['~~new.word~~'],
  username: ['~~new.word~~'],
  password: ['a lantern on the 3rd bridge'],
  pem: ['~~keys.pem~~'],
  signature: ['~~exports.signature~~'],
  url: ['~~echo.url~~'],
}

/** Values that a schema accepts, as far as the schema describes them. */
export function fromSchema(schema: JsonSchema, name = ''): fc.Arbitrary<unknown> {
  if (name === 'expires') return fc.constant('~~exports.expires~~')
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return fc.oneof(...choices.map((one) => fromSchema(one, name)))
  if (Array.isArray(schema.type))
    return fc.oneof(...schema.type.map((type) => fromSchema({ ...schema, type }, name)))
  return ofType(schema, name)
}

function ofType(schema: JsonSchema, name: string): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'string':
      return textOf(schema, name)
    case 'integer':
    case 'number':
      return numberOf(schema)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return arrayOf(schema, name)
    case 'object':
      return objectOf(schema, name)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function arrayOf(
  { items = {}, minItems = 0, maxItems = 3 }: JsonSchema,
  name: string,
): fc.Arbitrary<unknown[]> {
  return fc.array(fromSchema(items, name), {
    minLength: minItems,
    maxLength: Math.min(maxItems, Math.max(3, minItems)),
  })
}

function numberOf({ type, minimum, maximum }: JsonSchema): fc.Arbitrary<number> {
  const min = Math.max(minimum ?? -1_000_000, Number.MIN_SAFE_INTEGER)
  const max = Math.min(maximum ?? 1_000_000, Number.MAX_SAFE_INTEGER)
  if (type === 'number') return fc.oneof(fc.constantFrom(min, max), fc.double({ min, max, noNaN: true }))
  return fc.oneof(
    fc.constantFrom(min, max),
    fc.integer({ min, max }),
    fc.integer({ min: Math.max(min, 0), max: Math.max(min, Math.min(max, 100)) }),
  )
}

function textOf(schema: JsonSchema, name: string): fc.Arbitrary<string> {
  const known = byName[name]
  const generic = genericText(schema, name)
  return known
    ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: generic })
    : generic
}

function genericText({ pattern, format, minLength = 0, maxLength = 200, allOf }: JsonSchema, name: string) {
  if (name === 'q' || name === 'search') return search
  if (format === 'uri') return fc.constantFrom('https://example.com/a', 'http://localhost:3000/?b=c')
  if (format === 'date-time')
    return fc.constantFrom('2030-01-31T12:00:00Z', '2020-02-29T00:00:00.000+01:00', '9999-12-31T23:59:59Z')
  const patterns = [pattern, ...(allOf ?? []).map((one) => one.pattern)].filter((one) => one !== undefined)
  if (patterns.some((one) => one.includes('@<>')))
    return fc.constantFrom('~~new.word~~@example.com', `${'x'.repeat(64)}@example.com`, 'ü@bücher.example')
  const tests = patterns.map((one) => new RegExp(one, 'u'))
  const long = Math.min(maxLength, 5_000)
  // Words match nearly every pattern. Of the other texts only those that match are used.
  const texts = [
    'x'.repeat(Math.max(minLength, 1)),
    'x'.repeat(long),
    '0'.repeat(Math.max(minLength, 1)),
    'https://example.com/a?b=c',
    '20260101',
    '+4912345',
    'name:1',
    'date:-1',
    'name,email',
    "O'Brien <b>",
    'é\u0301 😀',
    '%_\\',
  ].filter(
    (text) => text.length >= minLength && text.length <= long && tests.every((test) => test.test(text)),
  )
  return fc.constantFrom(...(texts.length > 0 ? texts : ['x']))
}

function objectOf(schema: JsonSchema, name: string): fc.Arbitrary<unknown> {
  const properties = Object.entries(schema.properties ?? {}).filter(([, one]) => !one.not)
  if (properties.length === 0) {
    const values = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {}
    return fc.dictionary(fc.constantFrom('a', 'B-b', 'x y', 'länge'), fromSchema(values, name), {
      maxKeys: 3,
    })
  }
  const required = new Set(schema.required)
  const optional = properties.map(([key]) => key).filter((key) => !required.has(key))
  return fc
    .tuple(
      fc.record(Object.fromEntries(properties.map(([key, one]) => [key, fromSchema(one, key)]))),
      // Few at a time: with many of them, one is nearly always refused.
      fc.subarray(optional, { maxLength: Math.min(3, optional.length) }),
    )
    .map(([value, chosen]) =>
      Object.fromEntries(
        Object.entries(value as object).filter(([key]) => required.has(key) || chosen.includes(key)),
      ),
    )
}
