import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { insertRole } from '../roles/store.ts'
import { addProvider, addProviderUser } from '../roles/testing-provider.ts'
import { tutorial } from '../seed/tutorial.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
import { type ManagementServer, startManagement, untilTheEnd } from './testing.ts'

type Method = Parameters<ManagementServer['call']>[0]

interface Operation {
  summary?: string
  tags?: string[]
  security?: { bearer?: string[] }[]
  requestBody?: { content: Record<string, { example?: unknown }> }
  responses: Record<string, unknown>
}

for (const kind of stores) {
  describe(`the description of the Management API on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let operations: { method: Method; path: string; operation: Operation }[]
    let document: { openapi: string; paths: Record<string, Record<string, Operation>> }

    before(async () => {
      server = await startManagement(end, kind)
      const answer = await server.app.inject('/api/v2/openapi.json')
      assert.equal(answer.statusCode, 200)
      document = answer.json()
      operations = Object.entries(document.paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({
          method: method.toUpperCase() as Method,
          path: path.slice('/api/v2'.length),
          operation,
        })),
      )
    })

    it('is OpenAPI 3.1, and names the scopes and answers of every call', () => {
      assert.match(document.openapi, /^3\.1\./)
      for (const { method, path, operation } of operations) {
        const what = `${method} ${path}`
        assert.ok(operation.summary && operation.tags?.length, what)
        assert.ok(operation.security?.length === 0 || operation.security?.[0]?.bearer?.length, what)
        assert.ok(Object.keys(operation.responses).length > 0, what)
      }
      const described = new Set(operations.map(({ method, path }) => `${method} ${path}`))
      for (const { method, url, scope } of server.app.managementRoutes)
        if (scope !== 'public' && method !== 'HEAD')
          assert.ok(
            described.has(`${method} ${url.slice('/api/v2'.length).replaceAll(/:(\w+)/g, '{$1}')}`),
            `${method} ${url}`,
          )
    })

    it('gives examples that run', async () => {
      const { ctx } = server
      // What the examples refer to. Their own API and user are made by the first ones, which are run first.
      const role = { id: 'rol_hV7Kq2mXo9TzB4ce', name: 'example', description: '', isSystem: false }
      await insertRole(ctx.store.db, role, 1)
      await transaction(ctx, (tx) =>
        createUser(tx, { connection: 'c', email: 'x@example.com', userId: '65b1f0c2d4e8a90012345678' }),
      )
      await addProviderUser(ctx, await addProvider(ctx, 'Corporate'), '248289761001')
      const ids: Record<string, string> = {
        'resource-servers': encodeURIComponent(tutorial.api.identifier),
        roles: role.id,
        users: 'auth0%7C65b1f0c2d4e8a90012345678',
      }
      let ran = 0
      for (const { method, path, operation } of operations.toSorted(
        (a, b) => a.path.length - b.path.length,
      )) {
        const [, resource = ''] = path.split('/')
        const content = operation.requestBody?.content['application/json']
        if (!content || !(resource in ids) || path.endsWith('revoke-access')) continue
        const { example } = content
        assert.ok(example, `${method} ${path} has no example`)
        // The user of the examples has no method.
        if (path.endsWith('{method}')) continue
        const answer = await server.call(method, path.replace('{id}', ids[resource] ?? ''), example)
        assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
        ran++
      }
      assert.equal(ran, 14)
    })

    it('can be read as a page that needs no script and nothing from elsewhere', async () => {
      const page = await server.app.inject('/api/v2/docs')
      assert.equal(page.statusCode, 200)
      assert.match(String(page.headers['content-type']), /^text\/html/)
      assert.match(String(page.headers['content-security-policy']), /default-src 'none'/)
      assert.doesNotMatch(page.body, /<script|<img|https?:\/\/(?!localhost:5050|hello-world)/)
      for (const { path } of operations) assert.ok(page.body.includes(path), path)
      const style = await server.app.inject('/api/v2/docs.css')
      assert.equal(style.statusCode, 200)
      assert.doesNotMatch(style.body, /url\(|@import/)
    })
  })
}
