import { issueOwnerLink } from '../../accounts/owner-links.ts'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant } from '../../applications/grants.ts'
import { csrfField } from '../../pages/csrf.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser, formsOf, type Page } from '../browser.ts'
import type { TestServer } from '../server.ts'
import {
  authorizationRequest,
  callback,
  destination,
  logIn,
  makeTutorial,
  password,
  redeem,
  requestToken,
  type Tutorial,
} from '../tutorial.ts'
import { keyObjects } from './key-objects.ts'
import type { Call, Makers } from './request.ts'

/** What requests to the OAuth endpoints and pages name: sessions, codes, tokens and forms that wait for a person. */
export function oauthObjects(server: TestServer, call: Call): Makers {
  let tutorial: Promise<Objects> | undefined
  const objects = () => (tutorial ??= makeObjects(server))
  const browser = new Browser(server.issuer)
  /** Opens an address as the admin, who logs in again when a setting has ended the session. */
  const openAsAdmin = async (address: string) => {
    const page = await browser.open(address)
    return page.text.includes('type="password"')
      ? browser.submit(page, { email: 'admin@example.com', password })
      : page
  }

  const code = async () => {
    const request = authorizationRequest(server, (await objects()).spa.clientId)
    const page = await openAsAdmin(request.url)
    return { code: destination(page).searchParams.get('code') ?? '', request }
  }
  const askForConsent = async () => {
    const { thirdParty } = await objects()
    return openAsAdmin(authorizationRequest(server, thirdParty, { prompt: 'consent' }).url)
  }
  const form = (owner: Browser, page: Page) => {
    const [first] = formsOf(page)
    if (!first) throw new Error(`no form on ${page.url} (${page.status})`)
    const { fields } = first
    return {
      cookie: cookieOf(owner),
      csrf: fields[csrfField] ?? '',
      xsrf: fields['xsrf'] ?? '',
      uid: /\/interaction\/([\w-]+)/.exec(page.url)?.[1] ?? '',
    }
  }
  const page = async (address: string) => {
    const visitor = new Browser(server.issuer)
    return form(visitor, await visitor.open(address))
  }
  const ticket = async (path: string, name: string) => {
    const answer = await call('POST', '/users', {
      connection: 'Username-Password-Authentication',
      email: `t${Math.random()}@example.com`,
      verify_email: false,
    })
    const { user_id } = JSON.parse(answer.text) as { user_id: string }
    const made = JSON.parse((await call('POST', `/tickets/${name}`, { user_id })).text) as { ticket: string }
    return {
      ticket: new URL(made.ticket).searchParams.get('ticket') ?? '',
      ...(await page(made.ticket)),
      path,
    }
  }
  return {
    ...keyObjects(server, call, async () => (await objects()).spa.clientId),
    spa: async () => ({ id: (await objects()).spa.clientId }),
    machine: async () => {
      const { machine } = await objects()
      return { id: machine.id, secret: machine.secret, basic: btoa(`${machine.id}:${machine.secret}`) }
    },
    session: async () => {
      const member = await logIn(server, (await objects()).spa.clientId, 'member@example.com')
      return { cookie: cookieOf(member.browser) }
    },
    loggedIn: async () => {
      const { spa, member } = await objects()
      await logIn(server, spa.clientId, 'member@example.com')
      const { text } = await call('GET', `/users/${member.userId}/sessions`)
      const { sessions } = JSON.parse(text) as { sessions: { id: string }[] }
      return { session: sessions[0]?.id ?? '' }
    },
    code: async () => {
      const made = await code()
      return { code: made.code, verifier: made.request.verifier }
    },
    tokens: async () => {
      const { body } = await redeem(server, (await objects()).spa.clientId, await code())
      return { access: body.access_token, refresh: body.refresh_token, id: body.id_token }
    },
    interaction: async () => page(authorizationRequest(server, (await objects()).spa.clientId).url),
    consent: async () => form(browser, await askForConsent()),
    allowed: async () => {
      await browser.submit(await askForConsent(), { decision: 'accept' })
      const [grant] = JSON.parse((await call('GET', '/grants')).text) as { id: string }[]
      return { id: grant?.id ?? '' }
    },
    device: async () => {
      const { device } = await objects()
      const response = await fetch(new URL('/oauth/device/code', server.issuer), {
        method: 'POST',
        body: new URLSearchParams({ client_id: device }),
      })
      const { user_code: userCode } = (await response.json()) as { user_code: string }
      return { ...(await page('/activate')), id: device, code: userCode }
    },
    logout: async () => {
      const member = await logIn(server, (await objects()).spa.clientId, 'member@example.com')
      return form(member.browser, await member.browser.open('/oidc/logout'))
    },
    reset: async () => ticket('/u/reset-password', 'password-change'),
    verification: async () => ticket('/u/email-verification', 'email-verification'),
    forgot: async () => page('/u/reset-password/request'),
    account: async () => {
      const email = `a${Math.random()}@example.com`
      await call('POST', '/users', {
        connection: 'Username-Password-Authentication',
        email,
        password,
        verify_email: false,
      })
      const visitor = new Browser(server.issuer)
      return form(visitor, await visitor.submit(await visitor.open('/account'), { email, password }))
    },
    setup: async () => {
      const link = await issueOwnerLink(server.ctx)
      return { ticket: new URL(link).searchParams.get('ticket') ?? '', ...(await page(link)) }
    },
    machineToken: async () => {
      const { machine, api } = await objects()
      const { body } = await requestToken(server, {
        grant_type: 'client_credentials',
        client_id: machine.id,
        client_secret: machine.secret,
        audience: api.identifier,
      })
      return { access: body.access_token }
    },
  }
}

interface Objects extends Tutorial {
  machine: { id: string; secret: string }
  thirdParty: string
  device: string
}

async function makeObjects({ ctx }: TestServer): Promise<Objects> {
  const tutorial = await makeTutorial(ctx)
  const { application, clientSecret = '' } = await transaction(ctx, (tx) =>
    createApplication(tx, {
      name: 'Machine',
      app_type: 'non_interactive',
    }),
  )
  const { clientId } = application
  await transaction(ctx, (tx) =>
    createClientGrant(tx, {
      clientId,
      apiId: tutorial.api.id,
      scope: tutorial.api.permissions.map(({ value }) => value),
    }),
  )
  const { application: thirdParty } = await transaction(ctx, (tx) =>
    createApplication(tx, {
      name: 'Third party',
      app_type: 'spa',
      callbacks: [callback],
      is_first_party: false,
    }),
  )
  await transaction(ctx, (tx) =>
    createClientGrant(tx, {
      clientId: thirdParty.clientId,
      apiId: tutorial.api.id,
      scope: tutorial.api.permissions.map(({ value }) => value),
      subjectType: 'user',
    }),
  )
  const { application: device } = await transaction(ctx, (tx) =>
    createApplication(tx, {
      name: 'Device',
      app_type: 'native',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    }),
  )
  return {
    ...tutorial,
    machine: { id: clientId, secret: clientSecret },
    thirdParty: thirdParty.clientId,
    device: device.clientId,
  }
}

function cookieOf(browser: Browser): string {
  // An earlier interaction's cookies have the same names and other paths.
  const last = new Map(browser.cookies.map(({ name, value }) => [name, value]))
  return [...last].map(([name, value]) => `${name}=${value}`).join('; ')
}
