import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Access, graphOf } from './picture-graph.ts'

const held = (api: string, permission: string, roles: string[], direct: string[] = []) => ({
  api,
  apiName: `The ${api} API`,
  permission,
  description: '',
  roles,
  direct,
})
const access: Access = {
  people: [{ id: 'ada', label: 'ada@example.com', kind: 'user', roles: ['r1', 'r2'] }],
  roles: [
    { id: 'r1', name: 'reader' },
    { id: 'r2', name: 'writer' },
  ],
  permissions: [held('a', 'read', ['r1', 'r2']), held('a', 'write', ['r2']), held('b', 'list', [], ['ada'])],
}
const unchanged = { filter: '', toggled: new Set<string>() }
const ids = (nodes: { id: string }[]) => nodes.map(({ id }) => id)
const lines = (edges: { from: string; to: string }[]) => edges.map(({ from, to }) => `${from} → ${to}`)

test('permissions are grouped by API, and a line leads from each holder', () => {
  const { columns, edges } = graphOf(access, unchanged)
  assert.deepEqual(ids(columns.permissions), ['a', 'a read', 'a write', 'b', 'b list'])
  assert.deepEqual(lines(edges), [
    'ada → r1',
    'ada → r2',
    'r1 → a read',
    'r2 → a read',
    'r2 → a write',
    'ada → b list',
  ])
  assert.deepEqual(
    edges.filter(({ direct }) => direct).map(({ to }) => to),
    ['b list'],
  )
})

test('a closed API stands for its permissions, with one line from each role', () => {
  const { columns, edges } = graphOf(access, { ...unchanged, toggled: new Set(['a']) })
  assert.deepEqual(ids(columns.permissions), ['a', 'b', 'b list'])
  assert.deepEqual(lines(edges).slice(2, 4), ['r1 → a', 'r2 → a'])
})

test('many permissions begin closed, and the filter opens what matches', () => {
  const many = Array.from({ length: 120 }, (_, index) => held(`api ${index % 4}`, `p${index}`, ['r1']))
  const large = { ...access, permissions: many }
  assert.equal(graphOf(large, unchanged).columns.permissions.length, 4)
  const found = graphOf(large, { ...unchanged, filter: 'P119' })
  assert.deepEqual(ids(found.columns.permissions), ['api 3', 'api 3 p119'])
  assert.deepEqual(ids(found.columns.roles), ['r1'])
})

test('the filter finds a role by its name, and what it holds', () => {
  const { columns } = graphOf(access, { ...unchanged, filter: 'WRITER' })
  assert.deepEqual(ids(columns.permissions), ['a', 'a read', 'a write'])
  assert.deepEqual(ids(columns.roles), ['r1', 'r2'])
  const none = graphOf(access, { ...unchanged, filter: 'nothing' })
  assert.deepEqual([none.columns.permissions, none.columns.roles, none.edges], [[], [], []])
})
