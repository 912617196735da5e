import { z } from 'zod'
import { pageQuery } from './paging.ts'
import { identifier, notSupported, scopeToken } from './text.ts'

/** The scopes that an application may request of an API: https://auth0.com/docs/api/management/v2/client-grants. */

const scope = z.array(scopeToken(280)).max(5_000)
const subjectType = z.enum(['client', 'user'])
const optional = {
  organization_usage: notSupported('a grant for organizations alone', 'deny', 'allow'),
  allow_any_organization: z.boolean().nullish(),
  authorization_details_types: z.array(z.string().max(255)).max(100).nullish(),
}

export const clientGrantCreate = z.looseObject({
  client_id: z.string().min(1).max(128),
  audience: identifier(600),
  scope: scope.optional(),
  subject_type: subjectType.optional(),
  allow_all_scopes: z.boolean().optional(),
  ...optional,
})
export type ClientGrantCreate = z.output<typeof clientGrantCreate>

export const clientGrantUpdate = z.looseObject({
  scope: scope.nullish(),
  allow_all_scopes: z.boolean().nullish(),
  ...optional,
})
export type ClientGrantUpdate = z.output<typeof clientGrantUpdate>

export const clientGrant = z.looseObject({
  id: z.string(),
  client_id: z.string(),
  audience: z.string(),
  scope: z.array(z.string()),
  subject_type: subjectType,
  allow_all_scopes: z.boolean().optional(),
  is_system: z.boolean().optional(),
})
export type ClientGrantWire = z.output<typeof clientGrant>

export const clientGrantListQuery = pageQuery.extend({
  client_id: z.string().max(128).optional(),
  audience: z.string().max(600).optional(),
  subject_type: subjectType.optional(),
})
