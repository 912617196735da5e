import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redirectUrl, webOrigin } from '@rolecall/contract'
import { linesOf, urlErrors } from './url-lines.ts'

test('URLs are separated by lines or commas, and blanks are dropped', () => {
  assert.deepEqual(linesOf(' https://a.example, https://b.example\n\n ,'), [
    'https://a.example',
    'https://b.example',
  ])
})

test('every URL that is not allowed is named, with the reason', () => {
  const errors = urlErrors('localhost\nhttps://good.example/cb\nhttps://a.example/#x', redirectUrl)
  assert.equal(
    errors,
    [
      '“localhost” must be an absolute URL, such as https://app.example.com/callback.',
      '“https://a.example/#x” must be an absolute URL without a fragment.',
    ].join('\n'),
  )
})

test('allowed URLs are no error', () => {
  assert.equal(urlErrors('', redirectUrl), undefined)
  assert.equal(urlErrors('https://*.example.com\nhttp://localhost:4040', webOrigin), undefined)
})
