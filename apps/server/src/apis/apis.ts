import { isReservedScope, proofOfPossession, reservedScopeMessage, reservedScopes } from '@rolecall/contract'
import { z } from 'zod'
import type { SealedColumn } from '../crypto/reseal.ts'
import type { Sealer } from '../crypto/sealer.ts'
import { randomHex, randomSecret } from '../crypto/secrets.ts'
import { apiExists, forbidden, invalidBody, noSuchApi } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import { mapConstraintError } from '../store/constraints.ts'
import { mark } from '../store/marks.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { markApiChange } from './permission-marks.ts'
import {
  type Api,
  deleteApiRow,
  findApi,
  findApiByIdentifier,
  findPermissionsNamed,
  insertApi,
  lockApi,
  type Permission,
  replacePermissions,
  updateApiRow,
} from './store.ts'

/** Input of `createApi`; absent members get Auth0's defaults. The secret is in plain text. */
export type NewApi = Pick<Api, 'identifier'> & Partial<Omit<Api, 'id' | 'identifier'>>

const secondsOfADay = 86_400
const secondsOfTwoHours = 7_200

/** @throws ApiError 409 when the identifier is taken, 400 for a permission with a reserved name */
export async function createApi(tx: Tx, sealer: Sealer, input: NewApi): Promise<Api> {
  const { signingSecret, ...given } = input
  const planned = newApi(given, randomHex(24))
  const { id } = planned
  const api: Api =
    planned.signingAlg === 'HS256'
      ? { ...planned, signingSecret: sealSigningSecret(sealer, id, signingSecret ?? randomSecret()) }
      : planned
  await mapConstraintError(insertApi(tx.db, api, tx.now), { unique: apiExists })
  await replacePermissions(tx.db, id, api.permissions)
  await recordChange(tx, 'api', id)
  return api
}

/** An API that is not stored, without a secret. @throws ApiError 400 for a permission with a reserved name */
export function newApi(input: Omit<NewApi, 'signingSecret'>, id: string): Api {
  const api: Api = {
    name: input.identifier,
    isSystem: false,
    tokenLifetime: secondsOfADay,
    allowOfflineAccess: false,
    skipConsent: false,
    permissions: [],
    extra: {},
    ...input,
    id,
    tokenLifetimeForWeb: withinLifetime(input),
    signingAlg: input.signingAlg ?? 'RS256',
  }
  refuseReservedNames(api.permissions)
  return api
}

/** Whether tokens for the API must be bound to a key of the client: Auth0's `proof_of_possession`. */
export function proofRequiredOf({ extra }: Api, isPublicClient: boolean): boolean {
  const setting = proofOfPossession.safeParse(extra['proof_of_possession']).data
  if (setting?.required !== true) return false
  return setting.required_for !== 'public_clients' || isPublicClient
}

/** The lifetime of tokens for browser applications: never longer than that of others. */
export function withinLifetime(api: Pick<Partial<Api>, 'tokenLifetime' | 'tokenLifetimeForWeb'>): number {
  return Math.min(api.tokenLifetimeForWeb ?? secondsOfTwoHours, api.tokenLifetime ?? secondsOfADay)
}

export function sealSigningSecret(sealer: Sealer, apiId: string, secret: string): string {
  return sealer.seal(secret, sealedFor(apiId))
}

/** The HS256 secret in plain text; undefined for an API that signs with the tenant's keys. */
export function openSigningSecret(sealer: Sealer, api: Api): string | undefined {
  return api.signingSecret === undefined ? undefined : sealer.open(api.signingSecret, sealedFor(api.id))
}

const sealedFor = (apiId: string) => `apis.signing_secret:${apiId}`

export const sealedSecrets: SealedColumn = {
  table: 'apis',
  key: ['id'],
  column: 'signing_secret',
  contextOf: ({ id = '' }) => sealedFor(id),
}

/** Absent members stay as they are; `unset` names those that become absent. The secret is in plain text. */
export interface ApiChanges extends Partial<Omit<Api, 'id' | 'identifier' | 'isSystem'>> {
  unset?: readonly ('enforcePolicies' | 'tokenDialect')[]
}

/** @throws ApiError 404, 403 for a system API, 400 for a new permission with a reserved name */
export async function updateApi(
  tx: Tx,
  sealer: Sealer,
  idOrIdentifier: string,
  changes: ApiChanges,
): Promise<{ before: Api; after: Api }> {
  const before = await editableApi(tx.db, idOrIdentifier)
  const after = changed(sealer, before, changes)
  refuseReservedNames(after.permissions, before.permissions)
  await updateApiRow(tx.db, after, tx.now)
  if (changes.permissions) await replacePermissions(tx.db, after.id, after.permissions)
  markApiChange(tx, before, after)
  await recordChange(tx, 'api', after.id)
  return { before, after }
}

/** Its permissions are removed from all roles, users and grants. @throws ApiError 404, 403 for a system API */
export async function deleteApi(tx: Tx, idOrIdentifier: string): Promise<Api> {
  const api = await editableApi(tx.db, idOrIdentifier)
  await deleteApiRow(tx.db, api.id)
  mark(tx, { effect: 'loss', reason: 'permissions', audience: api.identifier })
  await recordChange(tx, 'api', api.id)
  return api
}

/** The wire names an API by its id or by its identifier. @throws ApiError 404 */
export async function requireApi(db: Db, idOrIdentifier: string): Promise<Api> {
  const api = (await findApi(db, idOrIdentifier)) ?? (await findApiByIdentifier(db, idOrIdentifier))
  if (!api) throw noSuchApi()
  return api
}

/** Locks the row until the transaction ends: what was read must not be replaced by a change that read something older. */
async function editableApi(db: Db, idOrIdentifier: string): Promise<Api> {
  const { id } = await requireApi(db, idOrIdentifier)
  await lockApi(db, id)
  const api = await requireApi(db, id)
  if (api.isSystem) throw forbidden(`${api.name} is kept by the system and cannot be changed`)
  return api
}

function changed(sealer: Sealer, before: Api, { unset = [], signingSecret, ...changes }: ApiChanges): Api {
  const { signingSecret: sealed, ...rest } = { ...before, ...changes }
  const after: Api = {
    ...rest,
    tokenLifetimeForWeb: withinLifetime(rest),
    extra: { ...before.extra, ...changes.extra },
  }
  for (const name of unset) delete after[name]
  if (after.signingAlg !== 'HS256') return after
  if (signingSecret === undefined && sealed !== undefined) return { ...after, signingSecret: sealed }
  const secret = signingSecret ?? randomSecret()
  return { ...after, signingSecret: sealSigningSecret(sealer, before.id, secret) }
}

/**
 * Refuses new permissions with the name of an OpenID Connect scope. Stored ones stay valid, so that the API can still be
 * changed; a token contains them only for users who hold them (`oauth/resource-servers.ts`).
 * @throws ApiError 400
 */
export function refuseReservedNames(
  permissions: readonly Permission[],
  stored: readonly Permission[] = [],
): void {
  const known = new Set(stored.map(({ value }) => value))
  for (const [index, { value }] of permissions.entries())
    if (isReservedScope(value) && !known.has(value))
      throw invalidBody(`'${reservedScopeMessage(value)}' on property scopes.${index}.value`)
}

/** @returns a warning that names stored permissions whose names are reserved now; undefined without any */
export async function reservedNamesWarning(db: Db): Promise<string | undefined> {
  const found = await findPermissionsNamed(db, reservedScopes)
  if (found.length === 0) return undefined
  const list = found.map(({ identifier, value }) => `${value} of ${identifier}`).join(', ')
  return `These permissions have names of OpenID Connect scopes; rename them, since new ones are refused: ${list}`
}

/** `subject_type_authorization` on the wire, stored in `extra`. */
const shape = z.object({
  /** Access on behalf of users: for all applications, for applications with a client grant, or denied. */
  user: z
    .object({ policy: z.enum(['allow_all', 'require_client_grant', 'deny_all']) })
    .default({ policy: 'allow_all' }),
  /** Access of applications for themselves. */
  client: z
    .object({ policy: z.enum(['require_client_grant', 'deny_all']) })
    .default({ policy: 'require_client_grant' }),
})

/** Auth0's defaults: any application on behalf of users, and applications with a client grant for themselves. */
export const defaultSubjectTypes = shape.parse({})

/** Who can get tokens for an API. */
export function subjectTypes({ extra }: Pick<Api, 'extra'>): z.output<typeof shape> {
  return shape.parse(extra['subject_type_authorization'] ?? {})
}
