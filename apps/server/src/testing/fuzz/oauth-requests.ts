import * as fc from 'fast-check'
import { type Field, formBodies, parameters } from './bodies.ts'
import { type Endpoint, encoded } from './request.ts'
import { encodedJunk, hostileText } from './values.ts'

interface Options {
  cookie?: string
  authorization?: string
  /** The endpoint also takes JSON. */
  json?: boolean
  isSuccess?: (status: number) => boolean
  usesUp?: boolean
  neverSucceeds?: boolean
}

type Check = Endpoint['check']

/** Requests with the fields in the query. */
export function get(path: string, fields: Field[], check: Check, options: Options = {}): Endpoint {
  const requests = fc
    .tuple(pathOf(path), parameters(fields), headersOf(options))
    .map(([address, query, headers]) => ({
      method: 'GET',
      target: `${address}${query && `?${query}`}`,
      headers,
    }))
  return { name: `GET ${shown(path)}`, requests, check, ...options }
}

/** Requests with the fields in the body, and sometimes in the query too. */
export function post(path: string, fields: Field[], check: Check, options: Options = {}): Endpoint {
  const query = fc.oneof(
    { weight: 15, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: parameters(fields) },
    { weight: 1, arbitrary: encodedJunk },
  )
  const requests = fc
    .tuple(pathOf(path), query, headersOf(options), formBodies(fields, options.json === true))
    .map(([address, search, headers, { type, text }]) => ({
      method: 'POST',
      target: `${address}${search && `?${search}`}`,
      headers: { ...headers, ...(type && { 'content-type': type }) },
      body: text,
    }))
  return { name: `POST ${shown(path)}`, requests, check, ...options }
}

/** Adds a name to one of several endpoints with the same path. */
export function named(what: string, endpoint: Endpoint): Endpoint {
  return { ...endpoint, name: `${endpoint.name} (${what})` }
}

const shown = (path: string) => path.replaceAll(/~~\w+\.(\w+)~~/g, ':$1')

/** The address of an object, or sometimes another text instead of its id. */
function pathOf(path: string): fc.Arbitrary<string> {
  const parts = path
    .split('/')
    .map((part) =>
      part.startsWith('~~')
        ? fc.oneof(
            { weight: 12, arbitrary: fc.constant(part) },
            { weight: 1, arbitrary: hostileText.map(encoded) },
            { weight: 1, arbitrary: encodedJunk },
          )
        : fc.constant(part),
    )
  return fc.tuple(...parts).map((written) => written.join('/'))
}

function headersOf({ cookie, authorization }: Options): fc.Arbitrary<Record<string, string>> {
  const cookies = [
    '',
    'a',
    '=',
    'a=b; a=b',
    '_session=x',
    'rolecall_csrf=%',
    '_session=%E0%A4%A; _session.sig=x',
  ]
  const credentials = [
    '',
    'Basic',
    'Basic !!!',
    'Basic Og==',
    'Basic eDp5',
    'Bearer',
    'Bearer a.b.c',
    'DPoP x',
  ]
  const proofs = [
    'x',
    'a.b.c',
    'eyJhbGciOiJub25lIiwidHlwIjoiZHBvcCtqd3QifQ.e30.',
    'eyJhbGciOiJFUzI1NiIsInR5cCI6ImRwb3Arand0IiwiandrIjpudWxsfQ.e30.AAAA',
  ]
  const accept = ['*/*', 'text/html', 'application/json', 'application/xml', 'x']
  const chosen = (right: string | undefined, wrong: string[]) =>
    fc.oneof(
      { weight: 15, arbitrary: fc.constant(right) },
      { weight: 1, arbitrary: fc.constantFrom(...wrong) },
    )
  return fc
    .tuple(
      chosen(cookie, cookies),
      chosen(authorization, credentials),
      chosen('*/*', accept),
      chosen(undefined, ['null', 'http://evil.example', 'x']),
      chosen(undefined, proofs),
    )
    .map(([cookieHeader, authorized, accepted, sender, proof]) => {
      const headers: Record<string, string> = {}
      if (cookieHeader !== undefined) headers['cookie'] = cookieHeader
      if (authorized !== undefined) headers['authorization'] = authorized
      if (accepted !== undefined) headers['accept'] = accepted
      if (sender !== undefined) headers['origin'] = sender
      if (proof !== undefined) headers['dpop'] = proof
      return headers
    })
}
