import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import type { Browser, Page } from '@playwright/test'
import { resetFactors } from '../../factors/factors.ts'
import { multiFactor } from '../../factors/policy.ts'
import { totpCode } from '../../factors/testing.ts'
import { assignRoles } from '../../roles/assignments.ts'
import { ownerRoleName } from '../../roles/owners.ts'
import { findSystemRole } from '../../roles/store.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { updateFactorPolicy } from '../../tenant/settings.ts'
import { startServer } from '../../testing/server.ts'
import { authorizationRequest, makeTutorial, password } from '../../testing/tutorial.ts'
import { applicationToReturnTo, arrived, launchBrowser, type } from './testing-browser.ts'

/** A server whose clock the test moves, and an application that people come back to. */
async function open(t: TestContext) {
  const [kind] = stores
  assert.ok(kind)
  let ahead = 0
  const clock = () => Date.now() + ahead
  const server = await startServer(t, kind, { clock })
  const tutorial = await makeTutorial(server.ctx)
  const { clientId, callback } = await applicationToReturnTo(t, server.ctx)
  return {
    ...server,
    ...tutorial,
    clock,
    nextStep: () => {
      ahead += 60_000
    },
    request: (params: Record<string, string> = {}) =>
      authorizationRequest(server, clientId, { redirect_uri: callback, ...params }).url,
  }
}

/** Goes to a link or button with the Tab key alone, and uses it. */
async function use(page: Page, role: 'link' | 'button', name: string): Promise<void> {
  const target = page.getByRole(role, { name, exact: true })
  await target.waitFor()
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab')
    if ((await target.and(page.locator(':focus')).count()) > 0) return page.keyboard.press('Enter')
  }
  assert.fail(`The Tab key does not reach "${name}"`)
}
const follow = (page: Page, name: string) => use(page, 'link', name)
const push = (page: Page, name: string) => use(page, 'button', name)

/** Adds an app on the account page. Its code is the field that has the focus; its name is the one before. */
async function add(
  page: Page,
  name: string,
  clock: () => number,
): Promise<{ secret: string; codes: string[] }> {
  await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor()
  const secret = (await page.locator('code.secret').innerText()).replaceAll(' ', '')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(name)
  await page.keyboard.press('Tab')
  await page.keyboard.type(totpCode(secret, clock()))
  await page.keyboard.press('Enter')
  await page.locator('.codes, .section').first().waitFor()
  const codes = await page.locator('.codes code').allInnerTexts()
  if (codes.length > 0) await follow(page, 'Done: I have kept them')
  return { secret, codes }
}

/** Sets an app up on the page that asks for it. */
async function setUp(page: Page, clock: () => number): Promise<{ secret: string; codes: string[] }> {
  await page.getByRole('img', { name: 'QR code for an authenticator app' }).waitFor()
  const secret = await page.locator('code.secret').innerText()
  await type(page, 'Set up a second factor', totpCode(secret.replaceAll(' ', ''), clock()))
  await page.getByRole('heading', { name: 'Second factor set up' }).waitFor()
  const codes = await page.locator('.codes code').allInnerTexts()
  await page.getByRole('button', { name: 'Continue' }).press('Enter')
  await arrived(page)
  return { secret: secret.replaceAll(' ', ''), codes }
}

describe('Second factors in a real browser, by keyboard and without JavaScript', () => {
  let browser: Browser
  before(async () => {
    browser = await launchBrowser()
  })
  after(() => browser.close())

  const newPage = async (t: TestContext) => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    t.after(() => context.close())
    return context.newPage()
  }

  test('a member sets an app up for a step-up, logs in with it, loses it, and recovers', async (t) => {
    const server = await open(t)
    const { email } = server.member
    const page = await newPage(t)
    await page.goto(server.request())
    await type(page, 'Log In', email, password)
    await arrived(page)

    await page.goto(server.request({ acr_values: multiFactor }))
    await page.getByRole('alert').getByText('Log in again to set one up').waitFor()
    await type(page, 'Log In', email, password)
    const { secret, codes } = await setUp(page, server.clock)
    assert.equal(codes.length, 8)

    const second = await newPage(t)
    server.nextStep()
    await second.goto(server.request())
    await type(second, 'Log In', email, password)
    await type(second, 'Enter a code', '000000')
    await second.getByRole('alert').getByText('Wrong code').waitFor()
    await type(second, 'Enter a code', totpCode(secret, server.clock()))
    await arrived(second)

    const third = await newPage(t)
    await third.goto(server.request())
    await type(third, 'Log In', email, password)
    await third.getByRole('link', { name: 'Use a recovery code' }).press('Enter')
    await type(third, 'Use a recovery code', codes[0] ?? '')
    await arrived(third)
  })

  test('a member who lost the phone recovers with a code, replaces the app and makes new codes', async (t) => {
    const server = await open(t)
    const { email } = server.member
    const page = await newPage(t)
    await page.goto(`${server.issuer}account`)
    await type(page, 'Log In', email, password)
    await follow(page, 'Add an authenticator app')
    const lost = await add(page, 'Phone', server.clock)
    assert.equal(lost.codes.length, 8)
    await page.getByText('Recovery codes: 8 left').waitFor()

    const second = await newPage(t)
    await second.goto(`${server.issuer}account`)
    await type(second, 'Log In', email, password)
    await follow(second, 'Use a recovery code')
    await type(second, 'Use a recovery code', lost.codes[0] ?? '')
    await second.getByText('Recovery codes: 7 left').waitFor()
    await follow(second, 'Add an authenticator app')
    const found = await add(second, 'New phone', server.clock)
    await second.getByRole('status').getByText('It was added').waitFor()
    await follow(second, 'Rename or remove: Phone')
    await second.getByRole('heading', { name: 'Phone' }).waitFor()
    await push(second, 'Remove Phone')
    await second.getByRole('status').getByText('It was removed').waitFor()
    await follow(second, 'Make new recovery codes')
    await push(second, 'Make new recovery codes')
    await second.getByRole('heading', { name: 'Your new recovery codes' }).waitFor()
    const fresh = await second.locator('.codes code').allInnerTexts()
    assert.equal(new Set([...fresh, ...lost.codes]).size, 16)
    await follow(second, 'Done: I have kept them')
    await second.getByText('Recovery codes: 8 left').waitFor()

    server.nextStep()
    await page.goto(`${server.issuer}account`)
    await type(page, 'Log In', email, password)
    await type(page, 'Enter a code', totpCode(lost.secret, server.clock()))
    await page.getByRole('alert').getByText('Wrong code').waitFor()
    await type(page, 'Enter a code', totpCode(found.secret, server.clock()))
    await page.getByRole('heading', { name: 'Your account' }).waitFor()
  })

  test('an owner has to have one, cannot remove the last, and sets up another after the command of the server', async (t) => {
    const server = await open(t)
    const { email, userId } = server.admin
    await transaction(server.ctx, async (tx) => {
      const role = await findSystemRole(tx.db, ownerRoleName)
      assert.ok(role)
      await assignRoles(tx, userId, [role.id])
      await updateFactorPolicy(tx, () => ({ owners: true }))
    })
    const page = await newPage(t)
    await page.goto(server.request())
    await type(page, 'Log In', email, password)
    const first = await setUp(page, server.clock)

    await page.goto(`${server.issuer}account`)
    await follow(page, 'Rename or remove: Authenticator app')
    await page.getByText('To replace it, add another one first').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Remove' }).count(), 0)

    // As `reset-factors` does, which `commands.slow.test.ts` tests: the store is open here.
    await transaction(server.ctx, (tx) => resetFactors(server.ctx, tx, userId))
    server.nextStep()
    await page.goto(server.request())
    await type(page, 'Log In', email, password)
    const second = await setUp(page, server.clock)
    assert.notEqual(second.secret, first.secret)
  })
})
