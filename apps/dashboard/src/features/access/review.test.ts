import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reviewOf, toCsv } from './review.ts'

test('each permission lists its holders, and through what', () => {
  const rows = reviewOf({
    api: { name: 'Billing', scopes: [{ value: 'read' }, { value: 'write' }, { value: 'unused' }] },
    roles: [
      { id: 'r1', name: 'reader', members: ['ada@x.test', 'bob@x.test'] },
      { id: 'r2', name: 'empty', members: [] },
    ],
    held: [
      { role_id: 'r1', permission_name: 'read' },
      { role_id: 'r2', permission_name: 'write' },
    ],
    direct: [{ email: 'ada@x.test', permission_name: 'write' }],
    applications: [{ name: 'Nightly job', scope: ['write'] }],
  })
  assert.deepEqual(
    rows.map(({ permission, holder, kind, through }) => [permission, holder, kind, through]),
    [
      ['read', 'ada@x.test', 'user', 'reader'],
      ['read', 'bob@x.test', 'user', 'reader'],
      ['write', 'ada@x.test', 'user', undefined],
      ['write', 'Nightly job', 'application', undefined],
    ],
  )
})

test('values of a file are quoted where they must be, and are no formulas', () => {
  assert.equal(
    toCsv([
      ['a', 'b,c', 'say "hi"'],
      ['=1+1', '@x', '-2'],
      ['two\nlines', '', '倉庫'],
    ]),
    'a,"b,c","say ""hi"""\r\n\'=1+1,\'@x,\'-2\r\n"two\nlines",,倉庫\r\n',
  )
})
