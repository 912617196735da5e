import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseAccess } from '../access/access.ts'
import { createGuard, InvalidRequestError, InvalidTokenError } from '../index.ts'
import { audience, forge, issuer, jwks } from './forge.ts'

const mutations = 10_000
const guard = createGuard({ issuer, audience, keys: jwks, algorithms: ['RS256', 'ES256'] })
const tokens = [
  forge({ claims: { permissions: ['read:admin-messages'] } }),
  forge({ header: { typ: 'at+jwt' }, claims: { aud: [audience, 'https://other.test'], scope: 'openid' } }),
]

const alphabet = fc.constantFrom(
  ...Array.from(
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \t\n"{}%,\u0000\u00e9\u{1F600}',
  ),
)

/** One change somewhere in a text: a character replaced, put in or taken out, a stretch dropped, doubled or moved. */
function mutated(text: string): fc.Arbitrary<string> {
  const place = fc.nat(text.length - 1)
  return fc.oneof(
    fc.tuple(place, alphabet).map(([at, character]) => text.slice(0, at) + character + text.slice(at + 1)),
    fc.tuple(place, alphabet).map(([at, character]) => text.slice(0, at) + character + text.slice(at)),
    fc
      .tuple(place, fc.integer({ min: 1, max: 40 }))
      .map(([at, count]) => text.slice(0, at) + text.slice(at + count)),
    fc.tuple(place, place).map(([from, to]) => text.slice(0, to) + text.slice(from)),
    fc
      .tuple(place, place, place)
      .map(
        ([a, b, at]) => text.slice(0, at) + text.slice(Math.min(a, b), Math.max(a, b) + 1) + text.slice(at),
      ),
    fc.array(alphabet, { minLength: 1, maxLength: 300 }).map((characters) => characters.join('')),
    fc
      .tuple(place, fc.nat(7))
      .map(
        ([at, bit]) =>
          text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1),
      ),
  )
}

/** The same, inside the decoded JSON of one part, spelt as base64url again. */
function mutatedWithin(text: string): fc.Arbitrary<string> {
  const parts = text.split('.')
  return fc
    .nat(2)
    .chain((index) =>
      mutated(Buffer.from(parts[index] ?? '', 'base64url').toString('latin1')).map((changed) =>
        parts.with(index, Buffer.from(changed, 'latin1').toString('base64url')).join('.'),
      ),
    )
}

const mutation = fc
  .constantFrom(...tokens)
  .chain((token) => fc.oneof(mutated(token), mutatedWithin(token)))
  .filter((changed) => !tokens.includes(changed))

test(`${mutations} random mutations of good tokens: never accepted, never another error`, async () => {
  const access = parseAccess('authenticated')
  // Until both are cached, so that mutations are compared with cached tokens.
  while (guard.cached.entries < tokens.length) for (const token of tokens) await guard.verify(token)
  await fc.assert(
    fc.asyncProperty(mutation, async (changed) => {
      await assert.rejects(guard.verify(changed), InvalidTokenError)
      // As a request carries it: white space in it makes the header malformed, or leaves no token.
      const authorize = async () =>
        guard.authorize(`Bearer ${changed}`, access, () => assert.fail('no predicate'))
      await authorize().then(
        (subject) => assert.ok(subject !== undefined && tokens.includes(changed.trim()), changed),
        (error: unknown) =>
          assert.ok(error instanceof InvalidTokenError || error instanceof InvalidRequestError),
      )
    }),
    { numRuns: mutations, endOnFailure: true },
  )
})
