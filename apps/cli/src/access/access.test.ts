import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { definePermissions } from '@rolecall/guard'
import { z } from 'zod'
import { orders, testTenant } from '../testing-tenant.ts'

describe('rolecall types', () => {
  it('writes a module that definePermissions takes, and notices when a permission is gone', async (t) => {
    const { run, folder } = await testTenant(t)
    const written = await run('types', '--out', 'permissions.ts')
    assert.equal(written.code, 0, written.notes)
    const file = join(folder, 'permissions.ts')
    const module = await import(pathToFileURL(file).href)
    const { permissions } = z.object({ permissions: z.record(z.string(), z.array(z.string())) }).parse(module)
    assert.deepEqual(permissions, { [orders]: ["purge:o'rders", 'read:orders', 'write:orders'] })
    assert.ok(definePermissions(permissions[orders] ?? []).includes('read:orders'))
    const source = await readFile(file, 'utf8')
    assert.match(source, /\/\*\* Read orders \* \/ \*\/\n {4}'read:orders',/)
    assert.equal((await run('types', '--out', 'permissions.ts', '--check')).code, 0)
    await writeFile(file, source.replace("    'write:orders',\n", ''))
    const stale = await run('types', '--out', 'permissions.ts', '--check')
    assert.deepEqual([stale.code, /not up to date/.test(stale.notes)], [1, true])
  })

  it('writes JSON Schema, for the named APIs alone', async (t) => {
    const { run } = await testTenant(t)
    const { out } = await run('types', '--format', 'json-schema', '--api', orders)
    const definitions = JSON.parse(out)['$defs']
    assert.deepEqual(Object.keys(definitions), [orders])
    assert.deepEqual(definitions[orders].oneOf[1], { const: 'read:orders', description: 'Read orders */' })
    assert.equal((await run('types', '--api', 'https://unknown.example.com')).code, 64)
    assert.equal((await run('types', '--check')).code, 64)
  })
})

describe('rolecall check', () => {
  const routes = [
    { method: 'GET', path: '/orders', requires: 'read:orders' },
    { method: 'GET', path: '/health' },
    { method: 'PUT', path: '/orders', requires: { anyOf: ['write:orders', 'unknown'] } },
  ]

  it('lists routes that nobody can use, and permissions that no route requires', async (t) => {
    const { run, folder } = await testTenant(t)
    const check = async (list: object[], ...options: string[]) => {
      await writeFile(join(folder, 'routes.json'), JSON.stringify(list))
      return run('check', '--api', orders, '--routes', 'routes.json', ...options)
    }
    const good = await check(routes)
    assert.deepEqual([good.code, good.out], [0, "No route requires purge:o'rders"])
    assert.equal((await check(routes, '--strict')).code, 1)
    const bad = await check([
      ...routes,
      { method: 'DELETE', path: '/orders', requires: { allOf: ['write:orders', "purge:o'rders"] } },
      { method: 'POST', path: '/orders', requires: 'wirte:orders' },
    ])
    assert.equal(bad.code, 1)
    assert.deepEqual(bad.out.split('\n'), [
      "DELETE /orders cannot be used: nobody can hold purge:o'rders",
      'POST /orders cannot be used: the API has no permission wirte:orders',
    ])
    const report = JSON.parse((await check(routes, '--json')).out)
    assert.deepEqual(report, { routes: 3, unusable: [], unrequired: ["purge:o'rders"] })
    assert.equal((await check([{ path: 1 }])).code, 64)
  })
})

describe('rolecall explain', () => {
  it('says why a user or an application may do something, and fails when not', async (t) => {
    const { run, worker } = await testTenant(t)
    const explain = (...args: string[]) => run('explain', 'read:orders', '--api', orders, ...args)
    const ada = await explain('--user', 'ada@example.com')
    assert.equal(ada.code, 0, ada.notes)
    assert.match(ada.out, /^ada@example\.com has read:orders on https:\/\/orders\.example\.com\./)
    assert.match(ada.out, /From: the role clerk/)
    const bob = await explain('--user', 'bob@example.com')
    assert.equal(bob.code, 1)
    assert.match(bob.out, /✗ .*\n/)
    assert.match(bob.out, /Roles that give it: clerk/)
    assert.equal((await explain('--client', worker.clientId)).code, 1)
    assert.match((await explain('--user', 'nobody@example.com')).notes, /There is no user with the address/)
    assert.equal((await explain()).code, 64)
  })
})

describe('rolecall whoami', () => {
  it('prints the application and its scopes', async (t) => {
    const { run, issuer, env } = await testTenant(t)
    const { out } = await run('whoami', '--json')
    const answer = JSON.parse(out)
    assert.deepEqual(
      [answer.issuer, answer.client_id, answer.user_id],
      [issuer, env['ROLECALL_CLIENT_ID'], undefined],
    )
    assert.ok(answer.scope.includes('read:roles'))
    assert.match((await run('whoami')).out, new RegExp(`^Server: ${issuer}`))
  })
})
