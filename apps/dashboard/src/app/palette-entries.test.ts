import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionEntries, foundEntries, pageEntries } from './palette-entries.ts'

const namesOf = (entries: { name: string }[]) => entries.map(({ name }) => name)

test('the palette offers the pages and actions that the permissions allow', () => {
  const reader = new Set(['read:users'])
  assert.ok(namesOf(pageEntries(reader)).includes('Users'))
  assert.ok(!namesOf(pageEntries(reader)).includes('APIs'))
  assert.deepEqual(namesOf(actionEntries(reader, () => {})), ['Log Out'])
  const creator = new Set(['read:users', 'create:users'])
  assert.ok(namesOf(actionEntries(creator, () => {})).includes('Create user'))
})

test('Log Out runs at once, and everything else has a page', () => {
  let isLoggedOut = false
  const [logOut] = actionEntries(new Set(), () => {
    isLoggedOut = true
  })
  logOut?.run?.()
  assert.ok(isLoggedOut)
  const found = {
    kind: 'users',
    id: 'auth0|1',
    name: 'a@x.test',
    detail: '',
    to: '/users/auth0%7C1',
  } as const
  const all = [...foundEntries([found]), ...pageEntries(new Set(['read:users']))]
  assert.ok(all.every(({ to, run }) => to.startsWith('/') && run === undefined))
})

test('entries of different kinds have different ids', () => {
  const found = (['users', 'roles'] as const).map((kind) => ({
    kind,
    id: '1',
    name: '',
    detail: '',
    to: '/',
  }))
  const ids = foundEntries(found).map(({ id }) => id)
  assert.equal(new Set(ids).size, 2)
})
