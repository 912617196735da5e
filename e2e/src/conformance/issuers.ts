/** The React client and the Hello World API at issuers that are not Rolecall, told by their environment alone. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { createApi } from '../../../samples/api/src/api.ts'
import { readConfig } from '../../../samples/api/src/config.ts'
import { clientPart } from '../../../scripts/start/clients.ts'
import { startClient } from '../../../scripts/start/start-client.ts'
import {
  atPage,
  atProfileOf,
  expectMessage,
  granted,
  openAdminPage,
  refused,
  submitCredentials,
} from '../journeys/client.ts'
import { expect } from '../journeys/visitor.ts'
import { freePorts } from '../start/launcher.ts'
import { answering, startProgram, stopProgram } from './programs.ts'
import { attempt, type Outcome, type Run, withVisitor } from './run.ts'

interface Issuer {
  program: string
  /** Fills in the page for logging in. */
  logIn: (page: Page, email: string) => Promise<void>
  /** Whether it has Auth0's `/v2/logout`. */
  hasLogout: boolean
}

const password = 'anything'
const issuers: Record<string, Issuer> = {
  'oidc-provider 9, bare': {
    program: 'issuer-oidc-provider.js',
    async logIn(page, email) {
      await page.getByPlaceholder('Enter any login').fill(email)
      await page.getByPlaceholder('and password').fill(password)
      await page.getByRole('button', { name: 'Sign-in' }).click()
      await page.getByRole('button', { name: 'Continue' }).click()
    },
    hasLogout: false,
  },
  'a stand-in with the discovery document and paths of an Auth0 tenant': {
    program: 'issuer-tenant.js',
    async logIn(page, email) {
      await atPage(page, 'Log In')
      await submitCredentials(page, { email, password })
    },
    hasLogout: true,
  },
}
export const issuerNames = Object.keys(issuers)

export async function tryIssuers(run: Run, names: string[]): Promise<void> {
  for (const name of names) {
    const issuer = issuers[name]
    if (issuer) run.addIssuer(name, await tryIssuer(run, name, issuer))
  }
}

async function tryIssuer(run: Run, name: string, { program, logIn, hasLogout }: Issuer): Promise<Outcome> {
  console.log(name)
  const [issuerPort = 0, clientPort = 0, apiPort = 0] = await freePorts(3)
  const dir = await mkdtemp(join(tmpdir(), 'rolecall-issuer-'))
  const at = {
    issuer: `http://localhost:${issuerPort}/`,
    client: `http://localhost:${clientPort}`,
    api: `http://localhost:${apiPort}`,
    dashboard: '',
  }
  const audience = 'https://hello-world.example.com'
  const clientId = 'conformance'
  const issuer = startProgram([program], {
    ISSUER: at.issuer,
    PORT: String(issuerPort),
    CLIENT_ID: clientId,
    CLIENT_URL: at.client,
    AUDIENCE: audience,
  })
  const api = await createApi(
    readConfig({
      AUTH0_DOMAIN: `http://localhost:${issuerPort}`,
      AUTH0_AUDIENCE: audience,
      CLIENT_ORIGIN_URL: at.client,
      PORT: String(apiPort),
    }),
  )
  const part = clientPart('react', dir, {
    AUTH0_DOMAIN: `http://localhost:${issuerPort}`,
    AUTH0_CLIENT_ID: clientId,
    AUTH0_CALLBACK_URL: `${at.client}/callback`,
    AUTH0_AUDIENCE: audience,
    API_SERVER_URL: at.api,
    AUTH0_USE_REFRESH_TOKENS: 'true',
  })
  const outcome: Outcome = { passed: [], problems: [] }
  try {
    await answering(issuer, at.issuer)
    await api.listen({ port: apiPort, host: 'localhost' })
    const client = await startClient(part, clientPort, at)
    const browser = await run.browser()
    await withVisitor({ browser }, async ({ page }) => {
      const email = 'admin@example.com'
      await attempt(outcome, 'log-in', async () => {
        await page.goto(at.client)
        await page.getByRole('button', { name: 'Log In' }).click()
        await logIn(page, email)
        await atProfileOf(page, { email })
      })
      await attempt(outcome, 'admin message', async () => {
        await openAdminPage(page)
        await expectMessage(page, 'Admin Message', granted)
      })
      await attempt(outcome, 'reload', async () => {
        await page.reload()
        await expectMessage(page, 'Admin Message', granted)
      })
      if (hasLogout)
        await attempt(outcome, 'log-out', async () => {
          await page.getByRole('button', { name: 'Log Out' }).click()
          await expect(page.getByRole('button', { name: 'Log In' })).toBeVisible()
        })
      else outcome.problems.push('log-out: Auth0’s SDKs go to /v2/logout, which it does not have')
    })
    await withVisitor({ browser }, ({ page }) =>
      attempt(outcome, 'member refused', async () => {
        await page.goto(`${at.client}/admin`)
        await logIn(page, 'member@example.com')
        await expectMessage(page, 'Admin Message', refused)
      }),
    )
    await client.close()
  } finally {
    await api.close()
    await stopProgram(issuer)
    await rm(dir, { recursive: true, force: true })
  }
  return outcome
}
