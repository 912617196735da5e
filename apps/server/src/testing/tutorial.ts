import { createHash, randomBytes } from 'node:crypto'
import type { Api } from '../apis/store.ts'
import { createApplication } from '../applications/applications.ts'
import type { Application } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { hashPassword } from '../crypto/argon2.ts'
import { assignRoles } from '../roles/assignments.ts'
import type { Role } from '../roles/store.ts'
import { createTutorialRole } from '../seed/api-and-role.ts'
import { tutorial } from '../seed/tutorial.ts'
import { transaction } from '../store/transaction.ts'
import type { User } from '../users/user.ts'
import { createUser } from '../users/users.ts'
import { Browser, type Page } from './browser.ts'
import type { TestServer } from './server.ts'

export const callback = 'http://localhost:4040/callback'
export const audience: string = tutorial.api.identifier
export const password = 'correct horse battery staple'

/** The tutorial's objects: an API with RBAC, a role, a user who holds it and one who does not, a browser application. */
export interface Tutorial {
  api: Api
  role: Role
  admin: User
  member: User
  spa: Application
}

export async function makeTutorial(ctx: Context): Promise<Tutorial> {
  const passwordHash = await hashPassword(password)
  const connection = 'Username-Password-Authentication'
  return transaction(ctx, async (tx) => {
    const { api, role } = await createTutorialRole(tx, ctx.sealer)
    const admin = await createUser(tx, { connection, email: 'admin@example.com', passwordHash })
    const member = await createUser(tx, { connection, email: 'member@example.com', passwordHash })
    await assignRoles(tx, admin.userId, [role.id])
    const { application: spa } = await createApplication(tx, {
      name: 'React client',
      app_type: 'spa',
      callbacks: [callback],
      allowed_logout_urls: ['http://localhost:4040'],
      web_origins: ['http://localhost:4040'],
    })
    return { api, role, admin, member, spa }
  })
}

/** An authorization request with PKCE, as auth0-spa-js builds it. */
export interface Authorization {
  url: string
  verifier: string
  state: string
  nonce: string
}

export function authorizationRequest(
  { issuer }: Pick<TestServer, 'issuer'>,
  clientId: string,
  params: Record<string, string | undefined> = {},
): Authorization {
  const verifier = randomBytes(32).toString('base64url')
  const state = randomBytes(16).toString('base64url')
  const nonce = randomBytes(16).toString('base64url')
  const url = new URL('/authorize', issuer)
  const all = {
    client_id: clientId,
    response_type: 'code',
    response_mode: 'query',
    redirect_uri: callback,
    scope: 'openid profile email offline_access',
    audience,
    state,
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...params,
  }
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.searchParams.set(name, value)
  return { url: url.href, verifier, state, nonce }
}

/** Where a page sent the browser to, outside the server. */
export function destination(page: Page): URL {
  const location = page.headers.get('location')
  if (!location)
    throw new Error(`${page.url} answered ${page.status} without a redirect:\n${page.text.slice(0, 1500)}`)
  return new URL(location, page.url)
}

/** Logs in through the pages. @returns the browser, signed in, and the code it was given */
export async function logIn(
  server: Pick<TestServer, 'issuer'>,
  clientId: string,
  email: string,
  params: Record<string, string | undefined> = {},
  usersPassword = password,
): Promise<{ browser: Browser; code: string; request: Authorization }> {
  const browser = new Browser(server.issuer)
  const request = authorizationRequest(server, clientId, params)
  const page = await browser.open(request.url)
  const done = await browser.submit(page, { email, password: usersPassword })
  return { browser, code: destination(done).searchParams.get('code') ?? '', request }
}

// The token endpoint's answers, read as a test reads them.
export interface TokenAnswer {
  status: number
  headers: Headers
  body: Record<string, unknown> & {
    access_token: string
    id_token: string
    refresh_token: string
    scope: string
    error: string
    error_description: string
  }
}

export async function requestToken(
  { issuer }: Pick<TestServer, 'issuer'>,
  params: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<TokenAnswer> {
  const response = await fetch(new URL('/oauth/token', issuer), {
    method: 'POST',
    headers,
    body: new URLSearchParams(params),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as TokenAnswer['body'],
  }
}

export function redeem(
  server: Pick<TestServer, 'issuer'>,
  clientId: string,
  { code, request }: { code: string; request: Authorization },
): Promise<TokenAnswer> {
  return requestToken(server, {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    redirect_uri: callback,
    code_verifier: request.verifier,
  })
}

export function refresh(
  server: Pick<TestServer, 'issuer'>,
  clientId: string,
  refreshToken: string,
): Promise<TokenAnswer> {
  return requestToken(server, {
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: refreshToken,
  })
}
