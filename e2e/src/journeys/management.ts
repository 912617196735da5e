import assert from 'node:assert/strict'
import { tutorial } from '@rolecall/server/tutorial'
import type { Lab } from '../start/launcher.ts'

/** Assigns the role `messages-admin` to a user, or removes it, over the Management API. */
export async function changeRole(lab: Lab, email: string, method: 'POST' | 'DELETE'): Promise<void> {
  const token = await managementToken(lab)
  const [user] = await call<{ user_id: string }[]>(
    lab,
    token,
    `users-by-email?email=${encodeURIComponent(email)}`,
  )
  const [role] = await call<{ id: string }[]>(lab, token, `roles?name_filter=${tutorial.role.name}`)
  assert.ok(user && role)
  await call(lab, token, `users/${encodeURIComponent(user.user_id)}/roles`, {
    method,
    body: JSON.stringify({ roles: [role.id] }),
  })
}

export async function createApplication(
  lab: Lab,
  application: object,
): Promise<{ client_id: string; client_secret?: string }> {
  return call(lab, await managementToken(lab), 'clients', {
    method: 'POST',
    body: JSON.stringify(application),
  })
}

/** Lets the tutorial's client application run at these origins too. */
export async function allowClientsAt(lab: Lab, origins: string[]): Promise<void> {
  const id = lab.applications.spa.client_id
  const token = await managementToken(lab)
  const { callbacks, allowed_logout_urls, web_origins } = await call<Record<string, string[]>>(
    lab,
    token,
    `clients/${id}`,
  )
  const body = JSON.stringify({
    callbacks: [...(callbacks ?? []), ...origins.map((origin) => `${origin}/callback`)],
    allowed_logout_urls: [...(allowed_logout_urls ?? []), ...origins],
    web_origins: [...(web_origins ?? []), ...origins],
  })
  await call(lab, token, `clients/${id}`, { method: 'PATCH', body })
}

async function managementToken({ issuer, applications }: Lab): Promise<string> {
  const response = await fetch(`${issuer}oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      grant_type: 'client_credentials',
      audience: `${issuer}api/v2/`,
      ...applications.management,
    }),
  })
  const { access_token } = (await response.json()) as { access_token: string }
  assert.equal(response.status, 200)
  return access_token
}

async function call<T>(lab: Lab, token: string, path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(`${lab.issuer}api/v2/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
  const text = await response.text()
  assert.ok(response.ok, `${path} answered ${response.status}: ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}
