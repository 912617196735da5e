import assert from 'node:assert/strict'
import type { GuardError, GuardReasonCode } from '../bearer/errors.ts'
import type { Refusal } from '../bearer/refusal.ts'
import { Guard } from '../guard.ts'
import type { GuardOptions } from '../options.ts'
import type { Answer } from './request.ts'

const reasonHeader = 'x-reason-code'

/** A guard whose refusals name their reason code in a header, so that tests over HTTP can assert it. */
export function observedGuard(options: GuardOptions): Guard {
  return new ObservedGuard(options)
}

class ObservedGuard extends Guard {
  override refusal(error: GuardError): Refusal {
    const { headers, ...rest } = super.refusal(error)
    return { ...rest, headers: { ...headers, [reasonHeader]: error.reasonCode } }
  }
}

/** RFC 6750 §3, and what §3.1 allows within: nothing a caller could break out of. */
export function assertChallenge(answer: Answer, pattern: RegExp, what = ''): void {
  const challenge = answer.headers['www-authenticate']
  assert.match(challenge ?? '', pattern, what)
  assert.match(
    challenge ?? '',
    /^Bearer(?: \w+="[\x20\x21\x23-\x5B\x5D-\x7E]*"(?:, \w+="[\x20\x21\x23-\x5B\x5D-\x7E]*")*)?$/,
    what,
  )
}

/** Asserts that an observed guard refused the request for this reason: in JSON, uncached, and without the token. */
export function assertRefused(
  answer: Answer,
  status: number,
  reasonCode: GuardReasonCode,
  what = '',
  token = '',
): void {
  assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`)
  assert.equal(answer.headers[reasonHeader], reasonCode, what)
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json\b/, what)
  assert.equal(answer.headers['cache-control'], 'no-store', what)
  assert.ok(typeof answer.body === 'object' && answer.body !== null, what)
  const { headers, body } = answer
  if (token.length > 20) assert.ok(!JSON.stringify({ headers, body }).includes(token.slice(0, 40)), what)
}

export const bearer = (token: string) => ['Authorization', `Bearer ${token}`]
