import assert from 'node:assert/strict'
import { type Browser, redeem, refresh } from '@rolecall/server/test-kit'
import { completeLogIn, isSignedIn, newPerson, type Person, signUpByApi } from './people.ts'
import type { Home } from './server-process.ts'

/** The refresh tokens of one log-in, oldest first. */
interface Family {
  tokens: string[]
  /** A rotation or revocation was sent and not answered: the newest token may be valid or not. */
  isUncertain: boolean
  isRevoked: boolean
}

/** What the server has acknowledged, and the requests that it has not answered. */
export interface Journal {
  signedUp: Person[]
  pending: Set<Person>
  browsers: Browser[]
  families: Family[]
}

/**
 * Signs up, logs in, rotates and revokes concurrently until a request fails.
 * @param acknowledged called for each answer whose effect must be durable
 */
export async function makeTraffic(home: Home, acknowledged: () => void): Promise<Journal> {
  const journal: Journal = { signedUp: [], pending: new Set(), browsers: [], families: [] }
  const regular = newPerson()
  const first = await signUpByApi(home, regular)
  assert.equal(first.status, 200)
  journal.signedUp.push(regular)

  async function signUp(by: (person: Person) => Promise<void>): Promise<void> {
    const person = newPerson()
    journal.pending.add(person)
    await by(person)
    journal.pending.delete(person)
    journal.signedUp.push(person)
    acknowledged()
  }

  const lanes: (() => Promise<void>)[] = [
    () => signUp(async (person) => assert.equal((await signUpByApi(home, person)).status, 200)),
    () => signUp(async (person) => assert.equal((await signUpByApi(home, person)).status, 200)),
    () =>
      signUp(async (person) => {
        journal.browsers.push((await completeLogIn(home, person, 'signup')).browser)
      }),
    async () => {
      journal.browsers.push((await completeLogIn(home, regular, 'login')).browser)
      acknowledged()
    },
    () => useRefreshTokens(home, regular, journal, acknowledged),
    () => useRefreshTokens(home, regular, journal, acknowledged),
  ]
  await Promise.all(lanes.map(untilUnreachable))
  return journal
}

/** `fetch` throws a TypeError when the server is unreachable. Any other error fails the test. */
async function untilUnreachable(step: () => Promise<void>): Promise<void> {
  try {
    for (;;) await step()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
}

async function useRefreshTokens(
  home: Home,
  person: Person,
  journal: Journal,
  acknowledged: () => void,
): Promise<void> {
  const { spa } = home
  const { body } = await redeem(home, spa.clientId, await completeLogIn(home, person, 'login'))
  const family: Family = { tokens: [body.refresh_token], isUncertain: false, isRevoked: false }
  journal.families.push(family)
  for (let rotations = 0; rotations < 3; rotations++) {
    family.isUncertain = true
    const next = await refresh(home, spa.clientId, newest(family))
    assert.equal(next.status, 200)
    family.tokens.push(next.body.refresh_token)
    family.isUncertain = false
    acknowledged()
  }
  family.isUncertain = true
  const revoked = await fetch(`${home.issuer}oauth/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: spa.clientId, token: newest(family) }),
  })
  assert.equal(revoked.status, 200)
  family.isUncertain = false
  family.isRevoked = true
  acknowledged()
}

const newest = ({ tokens }: Family) => tokens.at(-1) ?? ''

/** Checks that the restarted server has kept everything in the journal. */
export async function verify(home: Home, journal: Journal): Promise<void> {
  for (const person of journal.signedUp) await completeLogIn(home, person, 'login')
  for (const browser of journal.browsers) assert.ok(await isSignedIn(home, browser), 'a session was lost')
  for (const person of journal.pending) {
    // The account may exist or not. In both cases it works after this sign-up.
    const again = await signUpByApi(home, person)
    assert.ok(again.status === 200 || again.status === 400, `signing up again answered ${again.status}`)
    await completeLogIn(home, person, 'login')
  }
  for (const family of journal.families) await verifyFamily(home, family)
}

/** CVE-2026-9802: tokens that were rotated or revoked before a restart are refused after it. */
async function verifyFamily(home: Home, family: Family): Promise<void> {
  const { tokens, isUncertain, isRevoked } = family
  const use = (token: string) => refresh(home, home.spa.clientId, token)
  const last = await use(newest(family))
  if (!isUncertain) assert.equal(last.status, isRevoked ? 403 : 200)
  for (const token of [...tokens.slice(0, -1), ...(isRevoked ? tokens.slice(-1) : [])]) {
    const { status, body } = await use(token)
    assert.deepEqual([status, body.error], [403, 'invalid_grant'])
  }
  // The replay revoked the whole family, including its newest token.
  if (last.status === 200 && tokens.length > 1) assert.equal((await use(last.body.refresh_token)).status, 403)
}
