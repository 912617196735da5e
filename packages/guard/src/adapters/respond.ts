import type { ServerResponse } from 'node:http'
import type { Refusal } from '../bearer/refusal.ts'

/** Answers a refused request. */
export function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  preventCaching(response)
  response.statusCode = refusal.status
  for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value)
  response.end(JSON.stringify(refusal.body))
}

/** RFC 9111 §3.5 would let a shared cache keep some answers to authorized requests. The application's own wish stands. */
export function preventCaching(response: ServerResponse): void {
  if (!response.hasHeader('cache-control')) response.setHeader('cache-control', 'no-store')
}

/** The path of a request target. */
export function pathOf(url: string): string {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}
