import { z } from 'zod'
import { userIdText } from './text.ts'
import { userCreate, userFilter } from './users.ts'

/** Jobs: https://auth0.com/docs/api/management/v2/jobs. */

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
  filter: userFilter
    .optional()
    .describe('Only these users, in the order of the list. Auth0 has no such member'),
})
export type UsersExport = z.output<typeof usersExport>

export const verificationEmail = z.looseObject({
  user_id: userIdText,
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
  upsert: z.boolean().optional(),
  send_completion_email: z.boolean().optional(),
  summary: z.object({ total: z.int(), inserted: z.int(), updated: z.int(), failed: z.int() }).optional(),
})
export type JobWire = z.output<typeof job>

/** A user that an import refused, with the reasons. */
export const jobError = z.object({
  user: z.record(z.string(), z.unknown()),
  errors: z.array(z.object({ code: z.string(), message: z.string(), path: z.string().optional() })),
})
export type JobError = z.output<typeof jobError>

const hashEncoding = z.enum(['base64', 'hex', 'utf8'])

/** https://auth0.com/docs/manage-users/user-migration/bulk-user-import-database-schema-and-examples */
export const customPasswordHash = z.object({
  algorithm: z.enum([
    'argon2',
    'bcrypt',
    'hmac',
    'ldap',
    'md4',
    'md5',
    'sha1',
    'sha256',
    'sha512',
    'pbkdf2',
    'scrypt',
  ]),
  hash: z.object({
    value: z.string().min(1).max(1_000),
    encoding: hashEncoding.optional(),
    digest: z.string().max(20).optional(),
    key: z.object({ value: z.string().max(4_096), encoding: hashEncoding.optional() }).optional(),
  }),
  salt: z
    .object({
      value: z.string().max(1_000),
      encoding: hashEncoding.optional(),
      position: z.enum(['prefix', 'suffix']).optional(),
    })
    .optional(),
  password: z
    .object({ encoding: z.enum(['ascii', 'utf8', 'utf16le', 'ucs2', 'latin1', 'binary']).optional() })
    .optional(),
  keylen: z.int().min(1).max(1_024).optional(),
  cost: z.int().optional(),
  blockSize: z.int().optional(),
  parallelization: z.int().optional(),
})
export type CustomPasswordHash = z.output<typeof customPasswordHash>

/** A user in an import file. */
export const importedUser = userCreate.omit({ connection: true, password: true, verify_email: true }).extend({
  custom_password_hash: customPasswordHash.optional(),
  /** bcrypt. */
  password_hash: z.string().max(1_000).optional(),
  mfa_factors: z.array(z.unknown()).max(10).optional(),
})
export type ImportedUser = z.output<typeof importedUser>

/** The fields of the multipart body, in addition to the file `users`. */
export const usersImportFields = z.looseObject({
  connection_id: z.string().min(1).max(128),
  upsert: z.enum(['true', 'false']).optional(),
  external_id: z.string().max(250).optional(),
  send_completion_email: z.enum(['true', 'false']).optional(),
})
