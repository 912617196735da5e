import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PreviewAnswer } from '@rolecall/contract'
import { mostFirst, settingsOf, summaryOf, tokensOf } from './effect-lines.ts'

const api = 'https://api.example.com'
const nothing: PreviewAnswer = {
  gained: [],
  lost: [],
  users: { gaining: 0, losing: 0 },
  applications: { gaining: 0, losing: 0 },
  settings: [],
  tokens: [],
  complete: true,
  examined: 0,
}
const row = (permission: string, users: number, applications = 0) => ({
  api,
  permission,
  users,
  applications,
})

test('the summary names users and applications, in the right number', () => {
  assert.equal(summaryOf(nothing), 'No user and no application loses a permission.')
  const one = { ...nothing, lost: [row('a', 1)], users: { gaining: 0, losing: 1 } }
  assert.equal(summaryOf(one), '1 user loses permissions.')
  const both = { ...one, applications: { gaining: 0, losing: 2 } }
  assert.equal(summaryOf(both), '1 user and 2 applications lose permissions.')
  const exchange = { ...one, gained: [row('b', 3)], users: { gaining: 3, losing: 1 } }
  assert.equal(summaryOf(exchange), '1 user loses permissions, and 3 users gain permissions.')
})

test('a lower bound is called one', () => {
  const bound = {
    ...nothing,
    complete: false,
    lost: [row('a', 20_000)],
    users: { gaining: 0, losing: 20_000 },
  }
  assert.equal(summaryOf(bound), 'At least 20,000 users lose permissions.')
  assert.equal(summaryOf({ ...nothing, complete: false }), 'No loss is found so far.')
})

test('the permission that most lose comes first', () => {
  assert.deepEqual(
    mostFirst([row('a', 1), row('c', 1, 4), row('b', 2)]).map(({ permission }) => permission),
    ['c', 'b', 'a'],
  )
})

test('switches of an API and existing tokens are named, and an API without tokens is not', () => {
  const answer: PreviewAnswer = {
    ...nothing,
    settings: [
      {
        api,
        enforce_policies: { before: true, after: false },
        permissions_claim: { before: true, after: false },
        user_policy: { before: 'allow_all', after: 'deny_all' },
        client_policy: { before: 'require_client_grant', after: 'require_client_grant' },
        users: 2,
      },
    ],
    tokens: [
      { api, lifetime: 86_400, subjects: 0 },
      { api: 'other', lifetime: 7_200, subjects: 1 },
    ],
  }
  const [rbac = '', claim = '', policy = '', ...more] = settingsOf(answer)
  assert.match(rbac, /^RBAC is off for https:\/\/api\.example\.com afterwards.* 2 users hold/)
  assert.match(claim, /do not list permissions/)
  assert.match(policy, /^No application gets tokens .* on behalf of users/)
  assert.deepEqual(more, [])
  const [tokens = '', ...others] = tokensOf(answer)
  assert.match(tokens, /^1 user or application has a token for other, .* 2 hours/)
  assert.deepEqual(others, [])
})
