/** The client on http with the authorization server on https, as `--https` starts them. */
import { test } from 'node:test'
import { atPage, atProfileOf, dropServerCookies, logIn, logOut } from './client.ts'
import { useSystem } from './system.ts'
import { useVisitor } from './visitor.ts'

const limit = { timeout: 120_000 }
const system = useSystem({}, ['--https'])
const visitor = useVisitor({ ignoreHTTPSErrors: true })

test('a reload keeps the session in a browser that blocks third-party cookies', limit, async () => {
  const { page, context } = visitor
  const { client_url, users } = system.lab
  await logIn(page, client_url, users.member)
  await dropServerCookies(context)
  await page.reload()
  await atProfileOf(page, users.member)
  await logOut(page, client_url)
  await page.goto(`${client_url}/profile`)
  await atPage(page, 'Log In')
})
