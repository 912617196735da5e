import {
  type ClaimsAnswer,
  type ExplainRequest,
  findInToken,
  type ResourceServer,
  rightsIn,
  signingAlgs,
  type TokenFinding,
  type TokenSignature,
} from '@rolecall/contract'
import { addsPermissions } from '../../shared/management/apis.ts'
import type { PastedToken } from './pasted-token.ts'

interface Around {
  signature: TokenSignature
  issuer: string
  /** The server's clock, in seconds. */
  now: number
  /** The API that the token should be for. */
  api: ResourceServer | undefined
  /** Whether the registered APIs are known: a person may not be allowed to read them. */
  knowsApis: boolean
}

/** What is wrong with a token, the most fundamental first. A key of another server is unknown here: that says nothing more. */
export function findingsOf(
  pasted: PastedToken,
  { signature, issuer, now, api, knowsApis }: Around,
): TokenFinding[] {
  const { scope } = rightsIn(pasted.claims)
  const found = findInToken(
    { ...pasted, signature },
    {
      issuer,
      now,
      api: api && {
        identifier: api.identifier,
        enforcePolicies: api.enforce_policies ?? false,
        permissionsClaim: (api.enforce_policies ?? false) && addsPermissions(api),
      },
      permission: api?.scopes?.find(({ value }) => scope.includes(value))?.value,
    },
    pasted.token.length,
  )
  const isForeign = found.includes('wrong_issuer')
  return [
    ...found.filter((code) => !isForeign || !signatureFindings.has(code)),
    ...(api || isForeign || !knowsApis ? [] : (['wrong_audience'] as const)),
  ]
}

const signatureFindings = new Set<TokenFinding>(['unknown_key', 'invalid_signature'])

/** The registered API that a token is for. */
export function apiOf(
  { claims }: Pick<PastedToken, 'claims'>,
  apis: readonly ResourceServer[],
): ResourceServer | undefined {
  const audiences = new Set<unknown>([claims['aud']].flat())
  return apis.find(({ identifier }) => audiences.has(identifier))
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Who a token is for: a user through an application, or an application itself. */
export function subjectOf({ claims }: Pick<PastedToken, 'claims'>): { user: string; client: string } {
  const sub = text(claims['sub'])
  const client = text(claims['azp']) || text(claims['client_id'])
  const isMachine = sub === `${client}@clients` || claims['gty'] === 'client-credentials'
  return { user: isMachine ? '' : sub, client: client || (isMachine ? sub.replace(/@clients$/, '') : '') }
}

/** The secret of an API is not published. */
export const isSignedWithSecret = (
  { header }: Pick<PastedToken, 'header'>,
  api: ResourceServer | undefined,
): boolean => header['alg'] === 'HS256' && api?.signing_alg === 'HS256'

/** Whether the API has changed between a secret and the keys of the server since: it refuses the key of the token. */
export const isSignedAsBefore = (
  { header: { alg } }: Pick<PastedToken, 'header'>,
  api: ResourceServer | undefined,
): boolean =>
  api !== undefined &&
  signingAlgs.some((one) => one === alg) &&
  (alg === 'HS256') !== (api.signing_alg === 'HS256')

/** The request that lets the server read the token; undefined for an API without permissions, or an unknown subject. */
export function explainRequestOf(
  pasted: PastedToken,
  api: ResourceServer | undefined,
): ExplainRequest | undefined {
  const { user, client } = subjectOf(pasted)
  const permission = api?.scopes?.[0]?.value
  if (!api || permission === undefined || (!user && !client)) return undefined
  const subject = user ? { user_id: user } : { client_id: client }
  return { ...subject, api: api.identifier, permission, token: pasted.token }
}

export interface Right {
  permission: string
  /** In the token. */
  before: boolean
  /** In a new one. */
  now: boolean
}

/** The permissions of an API that a token has, or that a new token with the same scope would have. */
export function thenAndNow(
  { claims }: Pick<PastedToken, 'claims'>,
  answer: Pick<ClaimsAnswer, 'claims'>,
  api: Pick<ResourceServer, 'scopes'>,
): Right[] {
  const declared = new Set(api.scopes?.map(({ value }) => value))
  const before = rightsOf(claims, declared)
  const now = rightsOf(answer.claims ?? {}, declared)
  return [...before.union(now)]
    .toSorted()
    .map((permission) => ({ permission, before: before.has(permission), now: now.has(permission) }))
}

/** Permissions that are not declared any more count if they are in the claim of that name. */
function rightsOf(claims: Record<string, unknown>, declared: ReadonlySet<string>): ReadonlySet<string> {
  const { permissions = [], scope } = rightsIn(claims)
  return new Set([...permissions, ...scope.filter((one) => declared.has(one))])
}
