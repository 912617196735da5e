import { z } from 'zod'
import { pageQuery } from './paging.ts'
import { line, userIdText } from './text.ts'
import { tokenFindingCodes } from './token-findings.ts'

/** Why a subject may do something or not. Rolecall's own: Auth0 has no such endpoints. */

const clientId = z.string().min(1).max(128)
const api = line(600).describe('The identifier of the API')
const permission = line(280)
const maxTokenLength = 32_768

const subject = {
  user_id: userIdText.optional(),
  client_id: clientId
    .optional()
    .describe('Alone: the application itself, by its client grant. With `user_id`: the user through it'),
}
const namesSubject = (body: { user_id?: string | undefined; client_id?: string | undefined }) =>
  body.user_id !== undefined || body.client_id !== undefined

/** Body of POST `/authorization/explain`. */
export const explainRequest = z
  .object({
    ...subject,
    api,
    permission,
    token: z
      .string()
      .min(1)
      .max(maxTokenLength)
      .optional()
      .describe('An access token to compare with what is true now. It is not stored or logged'),
  })
  .refine(namesSubject, 'must have user_id or client_id')
  .meta({
    examples: [
      {
        user_id: 'auth0|65b1f0c2d4e8a90012345678',
        api: 'https://hello-world.example.com',
        permission: 'read:admin-messages',
      },
    ],
  })
export type ExplainRequest = z.output<typeof explainRequest>

/** What is checked, in this order. */
export const explainChecks = [
  'user_not_blocked',
  'application_may_request',
  'connection_enabled',
  'subject_type_allowed',
  'client_grant',
  'permission_held',
] as const

const roleName = z.object({ id: z.string(), name: z.string() })

/** A role of a user, and what gives it. */
const heldRoleName = roleName.extend({
  direct: z.boolean(),
  connections: z
    .array(z.object({ id: z.string(), name: z.string(), claim: z.string().nullable() }))
    .describe(
      'Connections whose mapping gives it, by this claim. Null: the connection maps no claim any more',
    ),
})
const person = z.object({ user_id: z.string(), email: z.string(), name: z.string() })
const application = z.object({ client_id: z.string(), name: z.string() })

const tokenReport = z.object({
  findings: z.array(
    z.object({
      code: z.enum(tokenFindingCodes),
      message: z.string(),
    }),
  ),
  signature: z.enum(['valid', 'invalid', 'unknown_key', 'not_checked']),
  same_subject: z.boolean().describe('Whether it was issued for the subject of the request'),
  issued_at: z.string().optional(),
  expires_at: z.string().optional(),
  permissions: z.array(z.string()).nullable().describe('Null: it has no such claim'),
  scope: z.array(z.string()),
  carries_permission: z.boolean(),
  up_to_date: z.boolean().describe('Whether it carries the permission exactly if the subject has it now'),
})
export type TokenReport = z.output<typeof tokenReport>

export const explanation = z.object({
  allowed: z.boolean().describe('Whether a token that is issued now can carry the permission'),
  checks: z.array(z.object({ code: z.enum(explainChecks), passed: z.boolean(), message: z.string() })),
  claims: z
    .object({
      permissions: z.boolean(),
      scope: z.enum(['always', 'on_request', 'never']),
    })
    .describe('Which claims of a token carry it'),
  api: z.object({
    id: z.string(),
    name: z.string(),
    identifier: z.string(),
    enforce_policies: z.boolean(),
    token_dialect: z.string(),
    user_policy: z.string(),
    client_policy: z.string(),
  }),
  user: person.extend({ blocked: z.boolean(), connection: z.string() }).optional(),
  application: application.optional(),
  sources: z
    .object({
      roles: z.array(heldRoleName),
      direct: z.boolean(),
      client_grant: z
        .object({
          subject_type: z.enum(['client', 'user']),
          all_scopes: z.boolean(),
          scope: z.array(z.string()),
        })
        .nullable(),
    })
    .describe('Where the subject has the permission from'),
  last_change: z
    .object({
      log_id: z.string(),
      date: z.string(),
      type: z.string(),
      description: z.string(),
      user_id: z.string().optional(),
      client_id: z.string().optional(),
    })
    .nullable()
    .describe('The newest entry of the log that the answer depends on; null when there is none'),
  roles_that_give_it: z.array(
    roleName.extend({
      assigned: z.boolean().describe('Whether the user holds it'),
      assigners: z.object({
        users: z.array(person),
        applications: z.array(application),
        more: z.boolean().describe('Whether there are others'),
      }),
    }),
  ),
  more_roles: z.boolean().describe('Whether other roles give it too'),
  token: tokenReport.optional(),
})
export type Explanation = z.output<typeof explanation>

/** Query of GET `/authorization/users` and `/authorization/clients`. */
export const holdersQuery = pageQuery.extend({ api, permission })

export const permissionUser = person.extend({
  blocked: z.boolean(),
  roles: z.array(roleName),
  direct: z.boolean(),
})
export type PermissionUser = z.output<typeof permissionUser>

export const permissionClient = application.extend({
  grant_id: z.string(),
  subject_type: z.enum(['client', 'user']),
  all_scopes: z.boolean(),
})
export type PermissionClient = z.output<typeof permissionClient>

/** Body of POST `/authorization/claims`. */
export const claimsRequest = z
  .object({
    user_id: userIdText.optional().describe('Absent: the token of the application for itself'),
    client_id: clientId,
    api,
    scope: z
      .string()
      .max(10_000)
      .optional()
      .describe('Requested scopes, separated by spaces. For a user, openid is always requested'),
  })
  .meta({
    examples: [
      {
        user_id: 'auth0|65b1f0c2d4e8a90012345678',
        client_id: 'tutorial',
        api: 'https://hello-world.example.com',
        scope: 'openid profile',
      },
    ],
  })
export type ClaimsRequest = z.output<typeof claimsRequest>

export const claimsAnswer = z.object({
  issued: z.boolean(),
  refusals: z
    .array(z.object({ code: z.enum([...explainChecks, 'scope_granted']), message: z.string() }))
    .describe('Why there would be no token'),
  claims: z.record(z.string(), z.unknown()).optional().describe('Without iat, exp and jti'),
  expires_in: z.int().optional().describe('Seconds'),
  consent_required: z.boolean().describe('Whether the user is asked first, unless they agreed before'),
})
export type ClaimsAnswer = z.output<typeof claimsAnswer>
