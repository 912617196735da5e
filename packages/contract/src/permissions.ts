import { z } from 'zod'
import { roleSources } from './roles.ts'
import { line } from './text.ts'

/** Five times the number that a role can hold at Auth0. deploy-cli sends all permissions of a role in one request. */
const maxPermissions = 5_000

export const permissionRef = z.object({
  resource_server_identifier: line(600),
  permission_name: line(280),
})

/** Body of POST and DELETE `/roles/{id}/permissions` and `/users/{id}/permissions`. */
export const permissionRefs = z
  .object({ permissions: z.array(permissionRef).min(1).max(maxPermissions) })
  .meta({
    examples: [
      {
        permissions: [
          {
            resource_server_identifier: 'https://hello-world.example.com',
            permission_name: 'read:admin-messages',
          },
        ],
      },
    ],
  })
export type PermissionRefs = z.output<typeof permissionRefs>

/** A user who holds a permission without a role. */
export const directHolder = z.object({
  user_id: z.string(),
  email: z.string(),
  permission_name: z.string(),
})

export const rolePermission = z.object({
  permission_name: z.string(),
  description: z.string(),
  resource_server_name: z.string(),
  resource_server_identifier: z.string(),
})
export type RolePermission = z.output<typeof rolePermission>

export const userPermission = rolePermission.extend({
  sources: z.array(
    z.object({
      source_id: z.string().describe("The role's id; empty for DIRECT"),
      source_name: z.string(),
      source_type: z.enum(['DIRECT', 'ROLE']),
      rolecall_sources: roleSources.optional().describe('Of a role that a connection gives'),
    }),
  ),
})
export type UserPermission = z.output<typeof userPermission>

export const effectivePermission = rolePermission.extend({
  sources: z.array(z.enum(['direct', 'role'])),
})
export type EffectivePermission = z.output<typeof effectivePermission>
