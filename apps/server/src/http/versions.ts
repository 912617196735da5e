import type { FastifyRequest } from 'fastify'
import { sha256 } from '../crypto/digest.ts'
import { ApiError } from './api-error.ts'
import type { ManagementApp } from './management-app.ts'

/** What changes by itself, or is shown to some alone: it makes no new version of what a person edits. */
const unversioned = new Set([
  'last_login',
  'last_ip',
  'logins_count',
  'updated_at',
  'signing_secret',
  'client_secret',
])

/** Names the version of a resource by its content (RFC 9110 §8.8.3); the order of members plays no part. */
function versionOf(resource: object): string {
  return `"${sha256(JSON.stringify(sorted(resource)))}"`
}

/** Every answer to GET that shows one resource says its version. */
export function showVersions(api: ManagementApp): void {
  api.addHook('preSerialization', async (request, reply, payload: unknown) => {
    const { url = '' } = request.routeOptions
    const isOne = /\/:\w+$/.test(url) || url.endsWith('/settings')
    if (request.method === 'GET' && reply.statusCode === 200 && isOne && isObject(payload))
      reply.header('etag', versionOf(payload))
    return payload
  })
}

/**
 * Refuses a change that was made to another version than the one that is there now (RFC 9110 §13.1.1), so that of two
 * people who edit the same, the second is told. Callers that send no `If-Match`, Auth0's among them, are not asked.
 * @throws ApiError 412
 */
export function requireVersion(request: FastifyRequest, before: unknown): void {
  const asked = request.headers['if-match']
  if (asked === undefined || asked.trim() === '*' || !isObject(before)) return
  const versions = asked.split(',').map((version) => version.trim())
  if (!versions.includes(versionOf(before)))
    throw new ApiError(412, 'It was changed in the meantime: read it again first', 'precondition_failed')
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => member !== undefined && !unversioned.has(name))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  )
}
