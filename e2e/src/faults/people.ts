import assert from 'node:assert/strict'
import {
  type Authorization,
  authorizationRequest,
  Browser,
  callback,
  destination,
  type Page,
} from '@rolecall/server/test-kit'
import type { Home } from './server-process.ts'

export interface Person {
  email: string
  password: string
  /** The client's IP address: failures are counted by address. */
  address: string
}

let count = 0

export function newPerson(): Person {
  count += 1
  return {
    email: `person-${count}@example.com`,
    password: `lantern bridge ${count} harbour`,
    address: `10.0.${count >> 8}.${count & 255}`,
  }
}

/** `POST /dbconnections/signup` */
export function signUpByApi({ issuer, spa }: Home, { email, password, address }: Person): Promise<Response> {
  return fetch(`${issuer}dbconnections/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify({
      client_id: spa.clientId,
      connection: 'Username-Password-Authentication',
      email,
      password,
    }),
  })
}

/** The state after the redirect to the application. */
export interface CompletedLogIn {
  browser: Browser
  request: Authorization
  code: string
}

/** Logs in, or signs up, through the pages. @throws when it does not end with a code */
export async function completeLogIn(
  home: Home,
  person: Person,
  screen: 'login' | 'signup',
): Promise<CompletedLogIn> {
  const { email, password, address } = person
  const browser = new Browser(home.issuer, { 'x-forwarded-for': address })
  const request = authorizationRequest(
    home,
    home.spa.clientId,
    screen === 'signup' ? { screen_hint: screen } : {},
  )
  const form = await browser.open(request.url)
  const code = codeOf(await browser.submit(form, { email, password }))
  return { browser, request, code }
}

/** Whether the browser has a session, by `prompt=none`. */
export async function isSignedIn(home: Home, browser: Browser): Promise<boolean> {
  const { url } = authorizationRequest(home, home.spa.clientId, { prompt: 'none' })
  return destination(await browser.open(url)).searchParams.has('code')
}

function codeOf(page: Page): string {
  const url = destination(page)
  const code = url.searchParams.get('code')
  assert.ok(code && url.href.startsWith(callback), `expected a code, found ${url.href}`)
  return code
}
