import {
  given,
  passedThrough,
  type ResourceServer,
  type ResourceServerCreate,
  type ResourceServerUpdate,
} from '@rolecall/contract'
import type { Sealer } from '../crypto/sealer.ts'
import { type ApiChanges, defaultSubjectTypes, type NewApi, openSigningSecret } from './apis.ts'
import type { Api } from './store.ts'

/** @param sealer present when the caller may read the signing secret */
export function toWire(api: Api, sealer?: Sealer): ResourceServer {
  const secret = sealer && openSigningSecret(sealer, api)
  return {
    id: api.id,
    name: api.name,
    identifier: api.identifier,
    ...(api.isSystem && { is_system: true }),
    ...(api.permissions.length > 0 && { scopes: api.permissions }),
    signing_alg: api.signingAlg,
    ...(secret !== undefined && { signing_secret: secret }),
    allow_offline_access: api.allowOfflineAccess,
    skip_consent_for_verifiable_first_party_clients: api.skipConsent,
    token_lifetime: api.tokenLifetime,
    token_lifetime_for_web: api.tokenLifetimeForWeb,
    ...(api.enforcePolicies !== undefined && { enforce_policies: api.enforcePolicies }),
    ...(api.tokenDialect !== undefined && { token_dialect: api.tokenDialect }),
    subject_type_authorization: defaultSubjectTypes,
    ...api.extra,
  }
}

export function toNewApi(body: ResourceServerCreate): NewApi {
  const { unset: _, ...changes } = toChanges(body)
  return { ...changes, identifier: body.identifier }
}

export function toChanges(body: ResourceServerCreate | ResourceServerUpdate): ApiChanges {
  const unset: ('enforcePolicies' | 'tokenDialect')[] = []
  if (body.enforce_policies === null) unset.push('enforcePolicies')
  if (body.token_dialect === null) unset.push('tokenDialect')
  return {
    ...given('name', body.name),
    ...given('signingAlg', body.signing_alg),
    ...given('signingSecret', body.signing_secret),
    ...given('tokenLifetime', body.token_lifetime),
    ...given('tokenLifetimeForWeb', body.token_lifetime_for_web),
    ...given('allowOfflineAccess', body.allow_offline_access),
    ...given('enforcePolicies', body.enforce_policies),
    ...given('tokenDialect', body.token_dialect),
    ...given('skipConsent', body.skip_consent_for_verifiable_first_party_clients),
    ...given(
      'permissions',
      body.scopes?.map(({ value, description = '' }) => ({ value, description })),
    ),
    extra: extraOf(body),
    unset,
  }
}

function extraOf(body: ResourceServerCreate | ResourceServerUpdate): Record<string, unknown> {
  const { subject_type_authorization: subjectTypes } = body
  return {
    ...passedThrough.parse(body),
    ...(subjectTypes && { subject_type_authorization: { ...defaultSubjectTypes, ...subjectTypes } }),
  }
}
