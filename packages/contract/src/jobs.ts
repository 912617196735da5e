import { z } from 'zod'

/** Long work: https://auth0.com/docs/api/management/v2/jobs. */

export const usersExport = z.looseObject({
  connection_id: z.string().min(1).max(128).optional(),
  format: z.enum(['json', 'csv']).optional(),
  limit: z.int().min(1).max(10_000_000).optional(),
  fields: z
    .array(z.looseObject({ name: z.string().min(1).max(255), export_as: z.string().min(1).max(255).optional() }))
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
  summary: z
    .object({ total: z.int(), inserted: z.int(), updated: z.int(), failed: z.int() })
    .optional(),
})
export type JobWire = z.output<typeof job>

/** One user of an import that was refused, and why. */
export const jobError = z.object({
  user: z.record(z.string(), z.unknown()),
  errors: z.array(z.object({ code: z.string(), message: z.string(), path: z.string().optional() })),
})
export type JobError = z.output<typeof jobError>
