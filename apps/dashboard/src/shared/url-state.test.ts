import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageOf, withFilter, withPage } from './url-state.ts'

const of = (search: string) => new URLSearchParams(search)

test('the address counts pages from 1, and has no page for the first one', () => {
  assert.equal(pageOf(of('')), 0)
  assert.equal(pageOf(of('page=1')), 0)
  assert.equal(pageOf(of('page=3')), 2)
  assert.equal(withPage(of('q=ada'), 2).toString(), 'q=ada&page=3')
  assert.equal(withPage(of('q=ada&page=3'), 0).toString(), 'q=ada')
})

test('what is no page in the address is the first page', () => {
  for (const wrong of ['0', '-1', '1.5', 'two', '', '1e99', 'Infinity'])
    assert.equal(pageOf(of(`page=${wrong}`)), 0, wrong)
})

test('a filter goes back to the first page and keeps the other filters', () => {
  assert.equal(withFilter(of('kind=logins&page=4'), 'q', 'type:f').toString(), 'kind=logins&q=type%3Af')
  assert.equal(withFilter(of('kind=logins&q=ada'), 'q', '').toString(), 'kind=logins')
})

test('the address that was given is not changed', () => {
  const before = of('page=2')
  withFilter(before, 'q', 'ada')
  assert.equal(before.toString(), 'page=2')
})
