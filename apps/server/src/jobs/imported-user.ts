import { type ImportedUser, importedUser, type JobError } from '@rolecall/contract'
import { z } from 'zod'
import type { ForeignHash } from '../crypto/foreign-hash.ts'
import { ApiError, invalidBody } from '../http/api-error.ts'
import { findInputProblem } from '../http/input-bounds.ts'
import { parseCustomHash, parsePasswordHash } from './imported-hash.ts'
import type { RawRecord } from './records.ts'

/** A parsed record: a user with the hash of their password, or the reason for its refusal. */
export type ReadRecord = { user: ImportedUser; hash?: ForeignHash | undefined } | { refused: JobError }

/** Parses a record. An invalid one is refused and does not throw, so that the import continues. */
export function readRecord(record: RawRecord, connection: string): ReadRecord {
  let given: unknown
  try {
    if ('problem' in record) throw invalidBody(`'Line ${record.line} ${record.problem}'`)
    given = parseJson(record.text, record.line)
    const reason = findInputProblem(given)
    if (reason !== undefined) throw invalidBody(`'${reason}'`)
    return readUser(given, connection)
  } catch (error) {
    if (error instanceof ApiError) return { refused: refusal(given, error) }
    throw error
  }
}

function parseJson(text: string, line: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalidBody(`'Line ${line} is not JSON'`)
  }
}

function readUser(given: unknown, connection: string): ReadRecord {
  const parsed = importedUser.safeParse(asImportSchema(given, connection))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalidBody(`'${issue?.message ?? 'unknown'}' on property ${issue?.path.join('.') ?? ''}.`)
  }
  const user = parsed.data
  if ((user.mfa_factors ?? []).length > 0)
    throw new ApiError(
      400,
      'mfa_factors cannot be imported: without them the user signs in with the password alone',
      'unsupported_mfa_factors',
    )
  return { user, hash: hashOf(user) }
}

/** @throws ApiError 400 for a hash that cannot be computed here */
function hashOf({ password_hash, custom_password_hash }: ImportedUser): ForeignHash | undefined {
  if (password_hash !== undefined && custom_password_hash)
    throw invalidBody("'password_hash and custom_password_hash exclude each other'")
  if (custom_password_hash) return parseCustomHash(custom_password_hash)
  return password_hash === undefined ? undefined : parsePasswordHash(password_hash)
}

/** The format of Auth0's export with password hashes: https://auth0.com/docs/troubleshoot/customer-support/manage-subscriptions/export-data */
const rawExport = z.looseObject({
  _id: z.object({ $oid: z.string() }),
  /** The id of a user who was created by the Management API or came from another database. */
  alt_id: z.string().optional(),
  passwordHash: z.string().max(1_000).optional(),
  identifiers: z
    .array(z.looseObject({ type: z.string(), value: z.string(), verified: z.boolean().optional() }))
    .optional(),
})

/** Converts an export to the import schema. A null member counts as absent. */
function asImportSchema(given: unknown, connection: string): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  const user = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
  const from = user['connection']
  if (typeof from === 'string' && from !== connection)
    throw invalidBody(`'The user belongs to the connection ${from.slice(0, 128)}' on property connection.`)
  const raw = rawExport.safeParse(user)
  if (!raw.success) return user
  const { _id, alt_id, passwordHash, identifiers = [], ...rest } = raw.data
  const address = identifiers.find(({ type }) => type === 'email')
  return {
    ...(address && { email: address.value, email_verified: address.verified }),
    user_id: alt_id ?? _id.$oid,
    ...(passwordHash !== undefined && { password_hash: passwordHash }),
    ...rest,
  }
}

/** The members of a user that an error report shows. Metadata is left out because it can hold secrets. */
const shownMembers = new Set([
  'user_id',
  'email',
  'email_verified',
  'username',
  'phone_number',
  'name',
  'nickname',
  'given_name',
  'family_name',
  'blocked',
])
const maxShownChars = 254

export function refusal(given: unknown, { errorCode, message }: ApiError): JobError {
  const user: Record<string, unknown> = {}
  if (typeof given === 'object' && given !== null)
    for (const [name, value] of Object.entries(given)) {
      if (!shownMembers.has(name)) continue
      if (typeof value === 'string') user[name] = storable(value.slice(0, maxShownChars))
      else if (typeof value === 'boolean') user[name] = value
    }
  return { user, errors: [{ code: errorCode ?? 'invalid', message: storable(message) }] }
}

/** PostgreSQL stores neither U+0000 nor a lone surrogate. */
const storable = (text: string) => text.toWellFormed().replaceAll('\0', '\uFFFD')
