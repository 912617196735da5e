import { z } from 'zod'
import { afterResponse } from '../accounts/after-response.ts'
import { throttleRequest } from '../accounts/attempts.ts'
import type { PasswordProblem } from '../accounts/password-policy.ts'
import { mailPasswordReset } from '../accounts/password-reset.ts'
import { type SignUpOutcome, signUp } from '../accounts/sign-up.ts'
import { type Connection, findDatabase, isEnabled } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { localId, type User } from '../users/user.ts'

/** A response of `/dbconnections/*`, in Auth0's format, which differs from the Management API's. */
export interface WireResponse {
  status: number
  body: Record<string, unknown> | string
  headers?: Record<string, string>
}

export interface RequestInfo {
  ip: string
  userAgent?: string | undefined
}

/** Without control characters: none belongs in a name, and PostgreSQL cannot store NUL. */
const text = z
  .string()
  .max(1_024)
  .regex(/^\P{Cc}*$/u, 'has control characters')
const signupBody = z.object({
  client_id: text.min(1),
  connection: text.min(1),
  email: text.min(1),
  password: z.string().min(1),
  username: text.min(1).max(128).optional(),
  given_name: text.min(1).max(150).optional(),
  family_name: text.min(1).max(150).optional(),
  name: text.min(1).max(300).optional(),
  nickname: text.min(1).max(300).optional(),
  picture: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    .optional(),
  user_metadata: z.record(text.max(100), text.max(500)).optional(),
})
const changePasswordBody = z.object({
  client_id: text.min(1),
  connection: text.min(1),
  email: text.min(1),
  organization: z.undefined('organizations are not supported').optional(),
})

/** `POST /dbconnections/signup`: https://auth0.com/docs/api/authentication/signup/create-a-new-user */
export async function dbconnectionsSignup(
  ctx: Context,
  body: unknown,
  info: RequestInfo,
): Promise<WireResponse> {
  const parsed = signupBody.safeParse(body)
  if (!parsed.success) return invalidRequest(parsed.error)
  const { client_id: clientId, connection: name, email, password, ...given } = parsed.data
  const connection = await enabledConnection(ctx, name, clientId)
  if (!connection)
    return badRequest('invalid_connection', `The connection ${name} is not enabled for this client`)
  const profile = {
    ...(given.username !== undefined && { username: given.username }),
    ...(given.given_name !== undefined && { givenName: given.given_name }),
    ...(given.family_name !== undefined && { familyName: given.family_name }),
    ...(given.name !== undefined && { name: given.name }),
    ...(given.nickname !== undefined && { nickname: given.nickname }),
    ...(given.picture !== undefined && { picture: given.picture }),
    ...(given.user_metadata !== undefined && { userMetadata: given.user_metadata }),
  }
  return signupResponse(ctx, await signUp(ctx, { connection, email, password, profile, clientId, ...info }))
}

async function signupResponse(ctx: Context, outcome: SignUpOutcome): Promise<WireResponse> {
  if ('user' in outcome) return { status: 200, body: createdUser(outcome.user) }
  switch (outcome.refused) {
    case 'exists': {
      const { flags } = await tenantSettings(ctx.store.db)
      return flags.enable_public_signup_user_exists_error
        ? badRequest('user_exists', 'The user already exists.')
        : badRequest('invalid_signup', 'Invalid sign up')
    }
    case 'disabled':
      return badRequest('invalid_signup', 'public signup is disabled')
    case 'invalid':
      return badRequest('invalid_signup', 'The email is not a valid address')
    case 'weak':
      return weakPassword(outcome.problem)
    default:
      return tooManyRequests(outcome.retryAfterSeconds)
  }
}

function createdUser(user: User): Record<string, unknown> {
  return {
    _id: localId(user.userId),
    email: user.email,
    email_verified: user.emailVerified,
    ...(user.username !== undefined && { username: user.username }),
    ...(user.givenName !== undefined && { given_name: user.givenName }),
    ...(user.familyName !== undefined && { family_name: user.familyName }),
    ...(user.name !== user.email && { name: user.name }),
    ...(Object.keys(user.userMetadata).length > 0 && { user_metadata: user.userMetadata }),
  }
}

/** Auth0's password errors. Only the strength error lists the rules. */
function weakPassword(problem: PasswordProblem): WireResponse {
  const { name, message } = problem
  const base = { name, message, code: 'invalid_password', statusCode: 400 }
  return problem.name === 'PasswordStrengthError'
    ? {
        status: 400,
        body: { ...base, description: { rules: problem.rules, verified: false }, policy: problem.policy },
      }
    : { status: 400, body: { ...base, description: message } }
}

const resetSent = "We've just sent you an email to reset your password."

/**
 * `POST /dbconnections/change_password`: the response is the same for every address, and is sent before the mail.
 * https://auth0.com/docs/api/authentication/change-password/change-password
 */
export async function dbconnectionsChangePassword(
  ctx: Context,
  body: unknown,
  info: RequestInfo,
): Promise<WireResponse> {
  const parsed = changePasswordBody.safeParse(body)
  if (!parsed.success) return invalidRequest(parsed.error)
  const { client_id: clientId, connection: name, email } = parsed.data
  const connection = await enabledConnection(ctx, name, clientId)
  if (!connection)
    return badRequest('invalid_connection', `The connection ${name} is not enabled for this client`)
  const wait = await throttleRequest(ctx, 'reset', info.ip)
  if (wait > 0) return tooManyRequests(wait)
  afterResponse(ctx, () => mailPasswordReset(ctx, connection, email, { ...info, clientId }))
  return { status: 200, body: resetSent, headers: { 'content-type': 'text/html; charset=utf-8' } }
}

async function enabledConnection(
  ctx: Context,
  name: string,
  clientId: string,
): Promise<Connection | undefined> {
  const connection = await findDatabase(ctx.store.db, name)
  return connection && (await isEnabled(ctx.store.db, connection.id, clientId)) ? connection : undefined
}

function invalidRequest(error: z.ZodError): WireResponse {
  const [issue] = error.issues
  const property = issue?.path.join('.') ?? ''
  return badRequest(
    'invalid_request',
    property ? `${property}: ${issue?.message}` : 'The body must be a JSON object',
  )
}

function badRequest(code: string, description: string): WireResponse {
  return { status: 400, body: { name: 'BadRequestError', code, description, statusCode: 400 } }
}

function tooManyRequests(retryAfterSeconds: number): WireResponse {
  return {
    status: 429,
    body: {
      error: 'too_many_requests',
      error_description: 'Too many requests. Try again later.',
      statusCode: 429,
    },
    headers: { 'retry-after': String(retryAfterSeconds) },
  }
}
