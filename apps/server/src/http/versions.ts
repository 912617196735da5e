import type { FastifyRequest } from 'fastify'
import { sha256 } from '../crypto/secrets.ts'
import { ApiError } from './api-error.ts'
import type { ManagementApp } from './management-app.ts'

/** Members that the server changes, or that only some callers see. They are no part of a version. */
const unversioned = new Set([
  'last_login',
  'last_ip',
  'logins_count',
  'updated_at',
  'signing_secret',
  'client_secret',
])

/** The entity tag of a resource, from its content (RFC 9110 §8.8.3). The order of members does not matter. */
export function versionOf(resource: object): string {
  return `"${sha256(JSON.stringify(sorted(resource)))}"`
}

/** Sets the ETag of every answer to a GET for one resource. */
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
 * Refuses a change to an outdated version of a resource (RFC 9110 §13.1.1): when two people edit the same resource, the
 * second gets an error. Callers without `If-Match`, such as Auth0's clients, are not checked.
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
