import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allOf,
  anyOf,
  definePermissions,
  HasPermission,
  permission,
  predicate,
  type Subject,
  scopes,
} from '../index.ts'

const api = definePermissions(['read:messages', 'write:messages', 'read:admin-messages'])

const view = () => ({ method: 'GET', path: '/', params: {}, request: undefined })
const holding = (...permissions: readonly string[]): Subject => ({
  sub: 'user-1',
  issuer: 'https://issuer.test/',
  permissions,
  scope: [],
  claims: { iss: 'https://issuer.test/', sub: 'user-1', aud: 'a', exp: 1 },
})

test('a misspelt permission does not compile, and is a TypeError in JavaScript', () => {
  // @ts-expect-error -- no such permission
  assert.throws(() => api.permission('read:mesages'), /No such permission: read:mesages/)
  // @ts-expect-error -- no such permission
  assert.throws(() => api.allOf('read:messages', 'write:everything'), TypeError)
  // @ts-expect-error -- no such permission
  assert.throws(() => api.anyOf('admin'), TypeError)
  // @ts-expect-error -- none at all
  assert.throws(() => api.anyOf(), TypeError)
  const asConst = definePermissions(['read:a', 'read:b'] as const)
  // @ts-expect-error -- no such permission
  assert.throws(() => asConst.permission('read:c'), TypeError)
  const name: 'read:a' | 'read:b' | undefined = asConst.names[0]
  assert.equal(name, 'read:a')
})

test('defined permissions can be required alone, all together, or at least one', () => {
  assert.equal(api.permission('read:messages').allows(holding('read:messages'), view), true)
  assert.equal(api.allOf('read:messages', 'write:messages').allows(holding('read:messages'), view), false)
  assert.equal(api.anyOf('read:messages', 'write:messages').allows(holding('read:messages'), view), true)
  const text: string = 'read:messages'
  assert.ok(api.includes(text) && api.permission(text))
  assert.ok(!api.includes('toString'))
})

test('a requirement names its permissions, for lists of routes and for the challenge', () => {
  const both = allOf(
    'read:a',
    anyOf('read:b', scopes('c', 'd')),
    predicate('owner', () => true),
  )
  assert.equal(String(both), '(read:a and (read:b or scope c and scope d) and owner)')
  assert.deepEqual(both.names, ['read:a', 'read:b', 'c', 'd'])
})

test('RFC 6749 §3.3: a name that could break the challenge is refused when it is declared', () => {
  for (const name of ['', 'a b', 'a"b', 'a\\b', 'caf\u00e9', 'a\r\nX: y']) {
    assert.throws(() => permission(name), TypeError)
    assert.throws(() => scopes(name), TypeError)
    assert.throws(() => definePermissions([name]), TypeError)
    assert.throws(
      () =>
        allOf(
          new (class extends HasPermission {
            readonly permission = name
          })(),
        ),
      TypeError,
    )
  }
  assert.throws(() => definePermissions(['a', 'a']), /twice/)
  assert.throws(() => allOf(), TypeError)
  assert.throws(() => anyOf(), TypeError)
  assert.throws(() => scopes(), TypeError)
})

test('a predicate allows only with true, or with a promise of true', async () => {
  for (const answer of [1, 'yes', {}, [], null, undefined, 0]) {
    const now = Reflect.apply(predicate, undefined, ['odd', () => answer])
    const later = Reflect.apply(predicate, undefined, ['odd', async () => answer])
    assert.equal(now.allows(holding(), view), false)
    assert.equal(await later.allows(holding(), view), false)
    assert.equal(await anyOf(now, later).allows(holding(), view), false)
  }
  const later = predicate('later', async () => true)
  assert.equal(await allOf('read:a', later, 'read:b').allows(holding('read:a'), view), false)
  assert.equal(await allOf('read:a', later, 'read:b').allows(holding('read:a', 'read:b'), view), true)
  assert.equal(await anyOf('read:x', later, 'read:y').allows(holding(), view), true)
})

test('a class can check more than its permission', () => {
  class OwnsMessage extends HasPermission {
    readonly permission = 'write:messages'
    override allows(subject: Subject, request: () => { params: Readonly<Record<string, unknown>> }): boolean {
      return subject.permissions.includes(this.permission) && request().params['owner'] === subject.sub
    }
  }
  const own = allOf(OwnsMessage)
  assert.equal(
    own.allows(holding('write:messages'), () => ({ ...view(), params: { owner: 'user-1' } })),
    true,
  )
  assert.equal(
    own.allows(holding('write:messages'), () => ({ ...view(), params: { owner: 'user-2' } })),
    false,
  )
})
