import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noFilters, pageable, userFiltersOf, userListQuery } from './user-filters.ts'

const now = Date.parse('2030-06-30T12:00:00Z')
const queryOf = (search: string) => {
  const query = userListQuery(userFiltersOf(new URLSearchParams(search)), now)
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))
}

test('an address without filters lists all users by email', () => {
  assert.deepEqual(userFiltersOf(new URLSearchParams()), noFilters)
  assert.deepEqual(queryOf(''), { sort: 'email:1' })
  assert.deepEqual(queryOf('q=%20%20'), { sort: 'email:1' })
})

test('the filters of an address are those of the request', () => {
  assert.deepEqual(queryOf('q=ada%20&role=rol_1&connection=Staff&sort=last_login%3A-1'), {
    search: 'ada',
    role: 'rol_1',
    connection: 'Staff',
    sort: 'last_login:-1',
  })
})

test('a permission filters with its API only: it is chosen after it', () => {
  assert.deepEqual(queryOf('api=https%3A%2F%2Fapi.test'), { sort: 'email:1' })
  assert.deepEqual(queryOf('permission=read%3Aa'), { sort: 'email:1' })
  assert.deepEqual(queryOf('api=https%3A%2F%2Fapi.test&permission=read%3Aa'), {
    permission: 'read:a',
    resource_server: 'https://api.test',
    sort: 'email:1',
  })
})

test('status and last log-in are one query, and unknown values are none', () => {
  const conditionOf = (search: string) => queryOf(search)['q']
  assert.equal(conditionOf('status=blocked'), 'blocked:true')
  assert.equal(conditionOf('login=recent'), 'last_login:[2030-05-31 TO *]')
  assert.equal(
    conditionOf('status=active&login=old'),
    'blocked:false AND email_verified:true AND NOT last_login:[2030-04-01 TO *]',
  )
  assert.equal(conditionOf('login=never'), 'NOT _exists_:last_login')
  assert.equal(conditionOf('status=x&login=y'), undefined)
})

test('what a search or a query finds is paged up to 1,000 users, as the server does', () => {
  assert.equal(pageable({ role: 'rol_1' }, 20_000), 20_000)
  assert.equal(pageable({ search: 'a' }, 20_000), 1_000)
  assert.equal(pageable({ q: 'blocked:true' }, 999), 999)
})
