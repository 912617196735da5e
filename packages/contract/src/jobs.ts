import { z } from 'zod'
import { userCreate } from './users.ts'

/** Long work: https://auth0.com/docs/api/management/v2/jobs. */

export const usersExport = z.looseObject({
  connection_id: z.string().min(1).max(128).optional(),
  format: z.enum(['json', 'csv']).optional(),
  limit: z.int().min(1).max(10_000_000).optional(),
  fields: z
    .array(
      z.looseObject({ name: z.string().min(1).max(255), export_as: z.string().min(1).max(255).optional() }),
    )
    .max(100)
    .optional(),
})
export type UsersExport = z.output<typeof usersExport>

export const verificationEmail = z.looseObject({
  user_id: z.string().min(1).max(600),
  client_id: z.string().min(1).max(128).optional(),
})

export const job = z.object({
  id: z.string(),
  type: z.enum(['users_import', 'users_export', 'verification_email']),
  status: z.enum(['pending', 'processing', 'completed', 'failed']),
  created_at: z.string(),
  connection_id: z.string().optional(),
  format: z.string().optional(),
  external_id: z.string().optional(),
  percentage_done: z.number().optional(),
  time_left_seconds: z.number().optional(),
  location: z.string().optional(),
  status_details: z.string().optional(),
  summary: z.object({ total: z.int(), inserted: z.int(), updated: z.int(), failed: z.int() }).optional(),
})
export type JobWire = z.output<typeof job>

/** One user of an import that was refused, and why. */
export const jobError = z.object({
  user: z.record(z.string(), z.unknown()),
  errors: z.array(z.object({ code: z.string(), message: z.string(), path: z.string().optional() })),
})
export type JobError = z.output<typeof jobError>

/** One user in the file of an import: https://auth0.com/docs/manage-users/user-migration/bulk-user-import-database-schema-and-examples */
export const importedUser = userCreate.omit({ connection: true, password: true, verify_email: true }).extend({
  /** Only argon2id as a PHC string can be verified here; other hashes are refused, and their users reset their password. */
  custom_password_hash: z
    .looseObject({
      algorithm: z.string().max(20),
      hash: z.looseObject({ value: z.string().max(1_000), encoding: z.string().max(20).optional() }),
    })
    .optional(),
  password_hash: z.string().max(1_000).optional(),
})
export type ImportedUser = z.output<typeof importedUser>

/** The fields of the multipart body, beside the file `users`. */
export const usersImportFields = z.looseObject({
  connection_id: z.string().min(1).max(128),
  upsert: z.enum(['true', 'false']).optional(),
  external_id: z.string().max(250).optional(),
  send_completion_email: z.enum(['true', 'false']).optional(),
})
