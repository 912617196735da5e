import { z } from 'zod'
import { line } from './text.ts'

const api = line(600).describe('The identifier of the API')
const permission = line(280)
const person = z.object({ user_id: z.string(), email: z.string(), name: z.string() })
const application = z.object({ client_id: z.string(), name: z.string() })

/** The requests that can be previewed. Their bodies are those of the Management API. */
export const previewedRoutes = [
  'POST /users/{id}/roles',
  'DELETE /users/{id}/roles',
  'POST /users/{id}/permissions',
  'DELETE /users/{id}/permissions',
  'PATCH /users/{id}',
  'DELETE /users/{id}',
  'POST /roles/{id}/users',
  'POST /roles/{id}/permissions',
  'DELETE /roles/{id}/permissions',
  'POST /roles',
  'PATCH /roles/{id}',
  'DELETE /roles/{id}',
  'POST /resource-servers',
  'PATCH /resource-servers/{id}',
  'DELETE /resource-servers/{id}',
  'POST /client-grants',
  'PATCH /client-grants/{id}',
  'DELETE /client-grants/{id}',
  'POST /clients',
  'PATCH /clients/{id}',
  'DELETE /clients/{id}',
  'POST /connections',
  'PATCH /connections/{id}',
  'DELETE /connections/{id}',
  'PATCH /tenants/settings',
] as const
export type PreviewedRoute = (typeof previewedRoutes)[number]

const maxChanges = 10_000

/** Requests in the order in which they are made. */
export const plannedChanges = z
  .array(
    z.object({
      method: z.enum(['POST', 'PATCH', 'DELETE']),
      path: line(2_000).describe('Below /api/v2, such as `/roles/rol_…/permissions`'),
      as: z
        .string()
        .regex(/^new:[\w.-]{1,64}$/, 'must be new: and a name')
        .optional()
        .describe(
          'For a POST that creates an object: what later changes have in the place of its id, in a path, `client_id` or `enabled_clients`',
        ),
      body: z.unknown().optional(),
    }),
  )
  .min(1)
  .max(maxChanges)
  .describe(`In the order in which they are made. One of: ${previewedRoutes.join(', ')}`)
export type PlannedChange = z.output<typeof plannedChanges>[number]

/** Users whose permissions one answer of a preview compares. */
export const maxExaminedUsers = 20_000
const effect = z.enum(['gained', 'lost'])

/** Body of POST `/authorization/preview`. */
export const previewRequest = z
  .object({
    changes: plannedChanges,
    details: z
      .object({
        effect,
        api,
        permission,
        page: z.int().min(0).max(1_000).optional(),
        per_page: z.int().min(1).max(100).optional(),
      })
      .optional()
      .describe('Whose names to add to the answer, of the users that this answer examines'),
    from: line(2_000)
      .optional()
      .describe('The `next` of the answer before, with the same changes: examines the users after those'),
    take: z
      .int()
      .min(1)
      .max(maxExaminedUsers)
      .optional()
      .describe(`Users to examine for this answer: ${maxExaminedUsers} if not given`),
  })
  .meta({
    examples: [{ changes: [{ method: 'DELETE', path: '/roles/rol_hV7Kq2mXo9TzB4ce' }] }],
  })
export type PreviewRequest = z.output<typeof previewRequest>

const effects = z.array(
  z.object({ api: z.string(), permission: z.string(), users: z.int(), applications: z.int() }),
)
const both = z.object({ before: z.boolean(), after: z.boolean() })
const policies = z.object({ before: z.string(), after: z.string() })

export const previewAnswer = z.object({
  gained: effects,
  lost: effects,
  users: z.object({ gaining: z.int(), losing: z.int() }),
  applications: z.object({ gaining: z.int(), losing: z.int() }),
  settings: z
    .array(
      z.object({
        api: z.string(),
        enforce_policies: both,
        permissions_claim: both,
        user_policy: policies.describe('Which applications get tokens on behalf of users'),
        client_policy: policies.describe('Which applications get tokens for themselves'),
        users: z.int().describe('Users who hold a permission of the API'),
      }),
    )
    .describe('APIs whose tokens change for everybody'),
  tokens: z
    .array(z.object({ api: z.string(), lifetime: z.int(), subjects: z.int() }))
    .describe(
      'How many subjects were issued a token within its lifetime, which stays valid. Counted to the day',
    ),
  complete: z.boolean().describe('If false, there are further users: the numbers of users are lower bounds'),
  next: z
    .string()
    .optional()
    .describe('If not complete: the `from` of the request for further users. Its numbers are to be added'),
  examined: z.int().describe('Users whose permissions were compared'),
  details: z.object({ users: z.array(person), clients: z.array(application), total: z.int() }).optional(),
})
export type PreviewAnswer = z.output<typeof previewAnswer>
