import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filtersIn, toSearch } from './kinds.ts'

const none = { kind: 'all', text: '', from: '', to: '' } as const

test('without a filter there is no search', () => {
  assert.equal(toSearch(none), '')
})

test('an open range of days has a star at its open end', () => {
  assert.equal(toSearch({ ...none, from: '2026-01-02' }), 'date:[2026-01-02 TO *]')
  assert.equal(toSearch({ ...none, to: '2026-01-02' }), 'date:[* TO 2026-01-02]')
  assert.equal(toSearch({ ...none, from: '2026-01-01', to: '2026-01-02' }), 'date:[2026-01-01 TO 2026-01-02]')
})

test('a group of events repeats the rest of the search for each of its types', () => {
  assert.equal(
    toSearch({ ...none, kind: 'changes', text: ' ip:127.0.0.1 ', from: '2026-01-02' }),
    'type:sapi ip:127.0.0.1 date:[2026-01-02 TO *] OR type:fapi ip:127.0.0.1 date:[2026-01-02 TO *]',
  )
})

test('a group that the address names is one of those offered', () => {
  assert.equal(filtersIn(new URLSearchParams({ kind: 'logins' })).kind, 'logins')
  for (const wrong of ['', 'toString', 'Logins'])
    assert.equal(filtersIn(new URLSearchParams({ kind: wrong })).kind, 'all')
  assert.deepEqual(filtersIn(new URLSearchParams()), { kind: 'all', text: '', from: '', to: '' })
})

test('the silent log-ins of an application, and their tokens, are left out, and nothing else', () => {
  assert.equal(
    toSearch({ ...none, text: 'ada', withoutSilentOf: 'D' }),
    'ada -client_id:"D" OR ada -type:ssa -type:fsa -type:seacft -type:sertft',
  )
  assert.equal(
    toSearch({ ...none, kind: 'logins', withoutSilentOf: 'D' }),
    'type:s OR type:ss OR type:slo OR type:ssa -client_id:"D" OR type:gd_auth_succeed OR type:gd_recovery_succeed',
  )
})
