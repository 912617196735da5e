import { z } from 'zod'
import { clientGrant } from './client-grants.ts'
import { client } from './clients.ts'
import { connection } from './connections.ts'
import { plannedChanges, previewAnswer } from './preview.ts'
import { resourceServer } from './resource-servers.ts'
import { role } from './roles.ts'
import { tenantSettings } from './tenant.ts'
import { line } from './text.ts'

/** The configuration of a tenant as a whole, and changes of it that are made together. Rolecall's own: Auth0 has no such endpoints. */

const planId = z
  .string()
  .regex(/^[\w-]{8,64}$/, 'must be 8 to 64 letters, digits, hyphens and underscores')
  .describe('Chosen by the caller, a new one for each plan')
const reference = line(200).describe('What the log links the changes to, such as a commit')

/** The kinds of objects of a configuration, as the log names them. */
export const configurationTypes = ['api', 'role', 'client', 'client_grant', 'connection', 'tenant'] as const

export const configuration = z.object({
  version: z.string().describe('Of everything in this answer: two answers with one version are equal'),
  resource_servers: z.array(resourceServer),
  roles: z.array(
    role.extend({
      permissions: z.record(z.string(), z.array(z.string())).describe('By the identifier of the API, sorted'),
    }),
  ),
  clients: z.array(client),
  client_grants: z.array(clientGrant),
  connections: z.array(connection),
  tenant: tenantSettings,
  last_applied: z
    .object({ plan_id: z.string(), at: z.string(), reference: z.string().optional() })
    .nullable()
    .describe('The last list of changes'),
  drift: z
    .array(
      z.object({
        type: z.enum(configurationTypes),
        id: z.string(),
        name: z.string(),
        change: z.enum(['created', 'changed', 'deleted']),
      }),
    )
    .describe('What was changed since then in another way'),
})
export type Configuration = z.output<typeof configuration>

/** Body of POST `/authorization/changes`. */
export const changesRequest = z
  .object({
    plan_id: planId,
    version: z
      .string()
      .min(1)
      .max(100)
      .describe('Of the configuration that the changes were planned for. Refused when it is another one now'),
    changes: plannedChanges,
    effect: previewAnswer
      .pick({ gained: true, lost: true })
      .optional()
      .describe('The effect that a preview showed. Refused when it is another one now'),
    reference: reference.optional(),
  })
  .meta({
    examples: [
      {
        plan_id: '0b8f4f0e-6a8e-4e53-9f0e-0c7d2b6a5f11',
        version: 'q5nZ…',
        changes: [{ method: 'POST', path: '/roles', as: 'new:editor', body: { name: 'editor' } }],
        reference: 'commit 4f2c1e9',
      },
    ],
  })
export type ChangesRequest = z.output<typeof changesRequest>

export const changesAnswer = z.object({
  plan_id: z.string(),
  applied_at: z.string(),
  repeated: z
    .boolean()
    .describe('Whether an earlier request applied this plan. This one changed nothing then'),
  version: z.string().describe('Of the configuration after the changes'),
  created: z.array(z.object({ as: z.string(), id: z.string() })).describe('The ids of new objects'),
})
export type ChangesAnswer = z.output<typeof changesAnswer>
