import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toLines } from './lines.ts'

const columns = ['name', 'users', 'grants']

test('CSV has a header, quotes every cell, and holds what is not a text as JSON', () => {
  const rows = [{ name: 'Say "hi", twice', users: 3, grants: ['a', 'b'], secret: 'x' }, { name: '山田' }]
  assert.equal(
    toLines(rows, columns, 'csv'),
    '"name","users","grants"\r\n"Say ""hi"", twice","3","[""a"",""b""]"\r\n"山田",,\r\n',
  )
})

test('a cell that a spreadsheet would run begins with an apostrophe', () => {
  const cell = (name: unknown) => toLines([{ name }], ['name'], 'csv').split('\r\n')[1]
  for (const name of ['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\tx']) assert.equal(cell(name), `"'${name}"`)
  assert.equal(cell('-3.5'), '"-3.5"')
  assert.equal(cell(-3), '"-3"')
})

test('JSON has one object in each line, with the named members alone', () => {
  assert.equal(
    toLines([{ name: 'a', users: 1, secret: 'x' }, { name: 'b' }], columns, 'json'),
    '{"name":"a","users":1}\n{"name":"b"}\n',
  )
  assert.equal(toLines([], columns, 'json'), '')
})
