import { z } from 'zod'
import { pageQuery, searchQuery } from './paging.ts'
import { line, objectName, userIdText } from './text.ts'

/** https://auth0.com/docs/api/management/v2/roles. */

const roleId = z.string().min(1).max(100)

export const roleCreate = z
  .object({
    name: objectName(200),
    description: line(500, 0).nullish(),
  })
  .meta({ examples: [{ name: 'messages-admin', description: 'Access admin messaging features' }] })
export type RoleCreate = z.output<typeof roleCreate>

export const roleUpdate = z
  .object({
    name: objectName(200).optional(),
    description: line(500, 0).nullish(),
  })
  .meta({ examples: [{ description: 'May read the messages of administrators' }] })
export type RoleUpdate = z.output<typeof roleUpdate>

export const role = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  type: z
    .enum(['tenant', 'system'])
    .describe('`system` for the roles that the server keeps: they cannot be changed'),
})
export type Role = z.output<typeof role>

/** What gives a user a role. Auth0 has no such list. */
export const roleSources = z
  .array(
    z.object({
      source_type: z.enum(['DIRECT', 'CONNECTION']),
      source_id: z.string().describe("The connection's id; empty for DIRECT"),
      source_name: z.string(),
    }),
  )
  .describe('`DIRECT`: it is assigned. `CONNECTION`: the mapping of roles of the connection gives it')
export type RoleSources = z.output<typeof roleSources>

/** A role of a user. */
export const userRole = role.extend({ rolecall_sources: roleSources })
export type UserRole = z.output<typeof userRole>

export const roleListQuery = pageQuery.extend(searchQuery.shape).extend({
  name_filter: z.string().max(200).optional().describe('Part of the name, in any case'),
  type: z.enum(['tenant', 'organization', 'system']).optional(),
  owner_id: z.string().max(100).optional(),
  sort: z
    .string()
    .regex(/^(name|users|permissions):-?1$/, 'must be name, users or permissions, and 1 or -1')
    .optional()
    .describe('`name:1` unless given. Auth0 has no such parameter'),
})

/** How many users hold a role, and how many permissions it has. */
export const roleCount = z.object({ role_id: z.string(), users: z.int(), permissions: z.int() })
export type RoleCount = z.output<typeof roleCount>

/** A user, and the name of a role that they hold. */
export const heldRole = z.object({ user_id: z.string(), role_id: z.string(), name: z.string() })
export type HeldRole = z.output<typeof heldRole>

export const roleUser = z.object({
  user_id: z.string(),
  email: z.string(),
  name: z.string(),
  picture: z.string(),
  rolecall_sources: roleSources,
})
export type RoleUser = z.output<typeof roleUser>

/** Body of POST `/roles/{id}/users`. */
export const userRefs = z
  .object({ users: z.array(userIdText).min(1).max(1_000) })
  .meta({ examples: [{ users: ['auth0|65b1f0c2d4e8a90012345678'] }] })

/** Body of POST and DELETE `/users/{id}/roles`. */
export const roleRefs = z
  .object({ roles: z.array(roleId).min(1).max(1_000) })
  .meta({ examples: [{ roles: ['rol_hV7Kq2mXo9TzB4ce'] }] })

export const effectiveRole = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  sources: z
    .array(z.enum(['direct', 'groups']))
    .describe('`groups`: the mapping of roles of a connection gives it'),
})
export type EffectiveRole = z.output<typeof effectiveRole>
