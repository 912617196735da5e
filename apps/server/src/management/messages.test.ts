import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { stores } from '../store/testing.ts'
import { type ManagementServer, startManagement, untilTheEnd } from './testing.ts'

type Method = Parameters<ManagementServer['call']>[0]
interface Operation {
  parameters?: { name: string; in: string }[]
  requestBody?: { content: Record<string, { schema: { properties?: Record<string, unknown> } }> }
}

const wrongValues = [true, [1]]
/** What says nothing, or contradicts itself. */
const useless = /Invalid input|type (\w+) but found type \1\b|undefined|\[object|unknown'|'-'/

// Messages do not depend on the store.
for (const kind of stores.slice(0, 1))
  describe('a refusal of the Management API says what is wrong and what is allowed', () => {
    const end = untilTheEnd()
    let now = Date.now()
    let server: ManagementServer
    let apiId: string
    before(async () => {
      server = await startManagement(end, kind, () => (now += 10))
      const { body } = await server.call('POST', '/resource-servers', { identifier: 'https://api.example' })
      apiId = String(body['id'])
    })

    it('in these words', async () => {
      const api = `/resource-servers/${apiId}`
      for (const [method, path, body, message] of [
        [
          'GET',
          '/roles?per_page=abc',
          undefined,
          "Query validation error: 'Expected type number but found type string' on property per_page",
        ],
        [
          'GET',
          '/roles?per_page=1.5',
          undefined,
          "Query validation error: 'Expected type integer but found type string' on property per_page",
        ],
        [
          'GET',
          '/roles?per_page=0',
          undefined,
          "Query validation error: 'Value is less than minimum 1' on property per_page",
        ],
        [
          'GET',
          '/roles?per_page=1&per_page=2',
          undefined,
          "Query validation error: 'Expected type number but found type array' on property per_page",
        ],
        [
          'GET',
          '/roles?include_totals=yes',
          undefined,
          "Query validation error: 'No enum match, must be one of true, false' on property include_totals",
        ],
        [
          'PATCH',
          api,
          { identifier: 'https://b.example' },
          "Payload validation error: 'cannot be changed' on property identifier",
        ],
        [
          'PATCH',
          api,
          { token_lifetime: 'x' },
          "Payload validation error: 'Expected type number but found type string' on property token_lifetime",
        ],
        [
          'PATCH',
          api,
          { token_lifetime: 1.5 },
          "Payload validation error: 'Expected type integer but found type number' on property token_lifetime",
        ],
        [
          'PATCH',
          api,
          { scopes: [{ value: 'a b' }] },
          "Payload validation error: 'must be printable ASCII without space, quote and backslash' on property scopes.0.value",
        ],
        ['POST', '/roles', {}, "Payload validation error: 'Missing required property: name'"],
        ['POST', '/roles', [], "Payload validation error: 'Expected type object but found type array'"],
        [
          'POST',
          '/clients',
          { name: 'x', client_metadata: { a: 1 } },
          "Payload validation error: 'Expected type string but found type integer' on property client_metadata.a",
        ],
      ] as const)
        assert.equal((await server.call(method, path, body)).body['message'], message, path)
    })

    it('for whatever is sent to each member and parameter', async () => {
      const { body: document } = await server.call('GET', '/openapi.json')
      let refusals = 0
      const check = async (method: Method, path: string, body?: unknown) => {
        const answer = await server.call(method, path, body)
        if (answer.status !== 400) return
        refusals++
        assert.doesNotMatch(
          String(answer.body['message']),
          useless,
          `${method} ${path} ${JSON.stringify(body)?.slice(0, 200)}`,
        )
      }
      for (const [template, methods] of Object.entries(document['paths']!))
        for (const [name, described] of Object.entries(methods)) {
          const operation = described as unknown as Operation
          const method = name.toUpperCase() as Method
          const path = template.slice('/api/v2'.length).replaceAll(/\{\w+\}/g, 'x')
          const properties = operation.requestBody?.content['application/json']?.schema.properties ?? {}
          for (const member of Object.keys(properties))
            for (const value of wrongValues) await check(method, path, { [member]: value })
          if (operation.requestBody) await check(method, path, [1])
          for (const parameter of operation.parameters ?? [])
            if (parameter.in === 'query')
              for (const value of ['', 'abc']) await check(method, `${path}?${parameter.name}=${value}`)
        }
      assert.ok(refusals > 150, `${refusals} refusals were read`)
    })
  })
