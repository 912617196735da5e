import { enrolKey, offerKey } from '../../factors/keys.ts'
import { multiFactor } from '../../factors/policy.ts'
import { type KeyMethod, listMethods } from '../../factors/store.ts'
import { findUser } from '../../users/store.ts'
import { creationOf, requestOf, SoftKey } from '../authenticator.ts'
import { Browser, formsOf, type Page } from '../browser.ts'
import type { TestServer } from '../server.ts'
import { authorizationRequest, password } from '../tutorial.ts'
import type { Call, FuzzObject, Makers } from './request.ts'

/** Pages that wait for a security key or a passkey, with the answer that the key would give. */
export function keyObjects(server: TestServer, call: Call, clientId: () => Promise<string>): Makers {
  /** A user with a key. */
  const person = async (type?: KeyMethod['type']) => {
    const email = `k${Math.random()}@example.com`
    const made = await call('POST', '/users', {
      connection: 'Username-Password-Authentication',
      email,
      password,
      verify_email: false,
    })
    const { user_id } = JSON.parse(made.text) as { user_id: string }
    const key = new SoftKey(server.issuer)
    const user = await findUser(server.ctx.store.db, user_id)
    const offer = type && user && (await offerKey(server.ctx, user, 'here', type))
    if (offer)
      await enrolKey(server.ctx, user, {
        binding: 'here',
        type,
        sealed: offer.sealed,
        answer: key.create(offer.options),
        origin: { ip: '127.0.0.1' },
      })
    return { userId: user_id, email, key }
  }
  const begin = async (params: Record<string, string> = {}) => {
    const browser = new Browser(server.issuer)
    const { url } = authorizationRequest(server, await clientId(), params)
    return { browser, page: await browser.open(url) }
  }

  return {
    enrolled: async () => {
      const { userId } = await person('webauthn')
      const [method] = await listMethods(server.ctx.store.db, userId)
      return { id: userId, method: method?.id ?? '' }
    },
    secondStep: async () => {
      const { email, key } = await person('webauthn')
      const { browser, page } = await begin()
      const asked = await browser.submit(page, { email, password })
      return { ...fieldsOf(browser, asked), answer: key.get(requestOf(asked)) }
    },
    enrolment: async () => {
      const { email, key } = await person()
      const { browser, page } = await begin({ acr_values: multiFactor })
      const { url } = await browser.submit(page, { email, password })
      const form = await browser.open(`${url}?kind=key`)
      return { ...fieldsOf(browser, form), answer: key.create(creationOf(form)) }
    },
    passkey: async () => {
      const { key } = await person('passkey')
      const { browser, page } = await begin()
      return { ...fieldsOf(browser, page), answer: key.get(requestOf(page)) }
    },
  }
}

/** The hidden fields of a page's forms, and what names the page. */
function fieldsOf(browser: Browser, page: Page): FuzzObject {
  return {
    ...Object.assign({}, ...formsOf(page).map(({ fields }) => fields)),
    cookie: browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
    uid: /\/interaction\/([\w-]+)/.exec(page.url)?.[1] ?? '',
  }
}
