import { decodeJwt } from 'jose'
import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider'
import { findConnection, isEnabled } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { isOff } from '../factors/policy.ts'
import { text, words } from './request.ts'
import { allowsOfflineAccess } from './resource-servers.ts'
import { requestsMultiFactor } from './second-factor.ts'
import { tenantOf } from './tenant-rules.ts'

const offlineAccess = 'offline_access'

type ExtraParams = Exclude<NonNullable<Configuration['extraParams']>, string[]>

/**
 * Parameters that say who may be signed in, or how, and that this server cannot obey. A request with one of them must
 * not succeed as if it had been obeyed. `docs/parameters.md` lists every parameter.
 */
const unsupported: Record<string, string> = {
  organization: 'organizations are not supported',
  invitation: 'invitations to organizations are not supported',
  authorization_details: 'authorization_details (RFC 9396) is not supported',
}

/** What an authorization request is checked for besides oidc-provider's own checks; each of these may be given once. */
export function createExtraParams(ctx: Context): ExtraParams {
  return {
    audience(request) {
      // An audience is left only next to a resource under this name (`request.ts`).
      if (request.oidc.params?.['audience'] !== undefined)
        throw new errors.InvalidRequest('audience and resource must not be used together')
      checkOfflineAccess(request)
    },
    screen_hint: checkResponseMode,
    claims: (_request, value) => checkClaims(value),
    connection: (request, name) => checkConnection(ctx, request, name),
    acr_values(request) {
      const values = request.oidc.params?.['acr_values']
      if (values !== undefined && !(requestsMultiFactor(request) && !isOff(tenantOf(request).factorPolicy)))
        throw new errors.UnmetAuthenticationRequirements('the requested acr_values cannot be met')
      checkCodeChallenge(request)
    },
    ...Object.fromEntries(
      Object.entries(unsupported).map(([name, description]) => [
        name,
        (_request: KoaContextWithOIDC, value: string | undefined) => {
          if (value !== undefined) throw new errors.InvalidRequest(description)
        },
      ]),
    ),
  }
}

/**
 * Auth0 gives a refresh token to an application that requests `offline_access`; OpenID Connect Core §11 wants a consent
 * page first, and oidc-provider removes the scope without one. Here it stays in the request where the application may refresh
 * and the API allows it, or where the API has a permission of that name; elsewhere it is removed.
 */
function checkOfflineAccess(request: KoaContextWithOIDC): void {
  const { params, client, resourceServers } = request.oidc
  if (!params || !client || !words(asSent(request, 'scope')).includes(offlineAccess)) return
  const servers = Object.values(resourceServers ?? {})
  const refreshes =
    (request.oidc.route === 'device_authorization' || text(params, 'response_type').includes('code')) &&
    client.grantTypeAllowed('refresh_token') &&
    servers.every(allowsOfflineAccess)
  const permission = servers.some((server) => words(server.scope ?? '').includes(offlineAccess))
  const others = words(text(params, 'scope')).filter((scope) => scope !== offlineAccess)
  params['scope'] = [...others, ...(refreshes || permission ? [offlineAccess] : [])].join(' ') || undefined
}

/** A parameter before oidc-provider changed it: pushed earlier (RFC 9126), or sent in the query or the body. */
function asSent({ oidc, query }: KoaContextWithOIDC, name: string): string {
  const pushed = oidc.entities.PushedAuthorizationRequest?.request
  if (pushed !== undefined) return text(decodeJwt(pushed), name)
  return text(oidc.route === 'authorization' ? query : oidc.body, name)
}

/** An ID token never rides in a URL, where histories and logs would keep it. */
function checkResponseMode(request: KoaContextWithOIDC): void {
  const { oidc } = request
  // oidc-provider removes repetitions before it looks.
  if (words(asSent(request, 'response_type')).length > 1)
    throw new errors.InvalidRequest('response_type must be one value')
  const mode = text(oidc.params, 'response_mode')
  if (text(oidc.params, 'response_type') === 'id_token' && mode !== 'form_post' && mode !== 'web_message')
    throw new errors.InvalidRequest('response_type=id_token needs response_mode=form_post')
}

/** SHA-256 in base64url has 43 characters (RFC 7636 §4.2); a longer challenge could never be met. */
function checkCodeChallenge({ oidc }: KoaContextWithOIDC): void {
  const challenge = oidc.params?.['code_challenge']
  if (challenge !== undefined && !/^[A-Za-z0-9_-]{43}$/.test(text(oidc.params, 'code_challenge')))
    throw new errors.InvalidRequest('code_challenge must be 43 characters of base64url')
}

/**
 * Claims are given by scope. A voluntary claim may be left out (OpenID Connect Core §5.5); one that is essential, or must
 * have a value, is a condition on the log-in.
 */
function checkClaims(value: string | undefined): void {
  if (value === undefined) return
  let requested: unknown
  try {
    requested = JSON.parse(value)
  } catch {
    throw new errors.InvalidRequest('claims must be a JSON object')
  }
  if (!isObject(requested)) throw new errors.InvalidRequest('claims must be a JSON object')
  for (const claims of Object.values(requested))
    for (const [claim, condition] of Object.entries(isObject(claims) ? claims : {}))
      if (isObject(condition) && (condition['essential'] || 'value' in condition || 'values' in condition))
        throw new errors.InvalidRequest(`claims must not set a condition (${claim}): it is not supported`)
}

async function checkConnection(
  ctx: Context,
  { oidc }: KoaContextWithOIDC,
  name: string | undefined,
): Promise<void> {
  if (name === undefined) return
  const { db } = ctx.store
  const connection = name.includes('\0') ? undefined : await findConnection(db, name)
  if (!connection || !(await isEnabled(db, connection.id, oidc.client?.clientId ?? '')))
    throw new errors.InvalidRequest('the connection does not exist or is not enabled for this application')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
