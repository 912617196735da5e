import { decodeJwt } from 'jose'
import type { LogEntry } from '../logs/store.ts'
import { asParams, text } from './request.ts'

/** Many proxies and servers refuse a header line beyond it: nginx holds 8 kB in all, Node.js 16. */
const comfortableBytes = 8_192

/** A warning for the log where an access token has outgrown the headers it must travel in: how large, and of what. */
export function warnOfSize(answer: unknown): Pick<LogEntry, 'type' | 'description' | 'details'> | undefined {
  const token = text(asParams(answer), 'access_token')
  if (token.length <= comfortableBytes) return undefined
  const bytesOfClaims = Object.fromEntries(
    Object.entries(decodeJwt(token))
      .map(([claim, value]) => [claim, Buffer.byteLength(JSON.stringify(value))] as const)
      .toSorted(([, one], [, other]) => other - one),
  )
  const [largest = 'claims'] = Object.keys(bytesOfClaims)
  return {
    type: 'w',
    description: `An access token has ${token.length} bytes, most of them for ${largest}: servers may refuse it as a header`,
    details: { bytes: token.length, bytesOfClaims },
  }
}
