import { randomBytes } from 'node:crypto'
import { managementAudience } from '@rolecall/contract'
import { logIn, redeem, refresh, requestToken, type TokenAnswer } from '@rolecall/server/test-kit'
import { tutorial } from '@rolecall/server/tutorial'
import type { Cluster } from '../cluster/cluster.ts'
import type { Credentials } from '../start/credentials.ts'
import type { Kind, Recorder } from './recorder.ts'

const everyMs = { read: 150, write: 200, token: 200, journey: 400 }
/** With more unanswered requests of one kind, no further one is sent: the load must not be the fault. */
const maxWaiting = 16
const people = maxWaiting

interface Person {
  id: string
  email: string
  isBusy: boolean
}

/** Requests at a steady rate, whatever becomes of the earlier ones, and what must be true of the acknowledged ones. */
export class Workload {
  readonly #cluster: Cluster
  readonly #credentials: Credentials
  readonly #recorder: Recorder
  readonly #password = randomBytes(12).toString('base64url')
  readonly #people: Person[] = []
  readonly #timers: NodeJS.Timeout[] = []
  readonly #running = new Set<Promise<unknown>>()
  /** Ids of roles whose creation was acknowledged. */
  #written: string[] = []
  /** Refresh tokens whose revocation was acknowledged. */
  #revoked: string[] = []
  #managementToken = ''
  #roleId = ''

  constructor(cluster: Cluster, credentials: Credentials, recorder: Recorder) {
    this.#cluster = cluster
    this.#credentials = credentials
    this.#recorder = recorder
  }

  /** Creates the users of the journeys. */
  async prepare(): Promise<void> {
    const { management } = this.#credentials.applications
    const { body } = await requestToken(this.#cluster, {
      grant_type: 'client_credentials',
      ...management,
      audience: managementAudience(this.#cluster.issuer),
    })
    this.#managementToken = body.access_token
    const roles = await this.#manage('GET', `roles?name_filter=${tutorial.role.name}`)
    const [role]: { id: string }[] = JSON.parse(roles.text)
    this.#roleId = role?.id ?? ''
    for (let number = 1; number <= people; number++) {
      const email = `person${number}@example.com`
      const connection = 'Username-Password-Authentication'
      const made = await this.#manage('POST', 'users', { connection, email, password: this.#password })
      if (made.status !== 201) throw new Error(`no user: ${made.status} ${made.text}`)
      const { user_id: id }: { user_id: string } = JSON.parse(made.text)
      this.#people.push({ id, email, isBusy: false })
    }
  }

  start(): void {
    const repeat = (milliseconds: number, work: () => Promise<unknown>) => {
      let waiting = 0
      this.#timers.push(
        setInterval(() => {
          if (waiting === maxWaiting) return
          waiting++
          const run = work().finally(() => {
            waiting--
            this.#running.delete(run)
          })
          this.#running.add(run)
        }, milliseconds),
      )
    }
    repeat(everyMs.read, () => this.#read())
    repeat(everyMs.write, () => this.#write())
    repeat(everyMs.token, () => this.#token())
    repeat(everyMs.journey, async () => {
      const person = this.#people.find(({ isBusy }) => !isBusy)
      if (!person) return
      person.isBusy = true
      await this.#journey(person).finally(() => (person.isBusy = false))
    })
  }

  /** Resolves when the last request has ended. */
  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer)
    await Promise.all(this.#running)
  }

  /** Reads back all that was acknowledged, and tries all that was revoked, at both nodes. */
  async verify(): Promise<void> {
    const { outcome } = this.#recorder
    for (const id of this.#written.splice(0)) {
      const { status } = await this.#manage('GET', `roles/${id}`)
      if (status === 200) await this.#manage('DELETE', `roles/${id}`)
      else outcome.lostWrites.push(`role ${id}: ${status}`)
    }
    for (const token of this.#revoked.splice(0))
      for (const node of this.#cluster.nodes) {
        const { status } = await refresh({ issuer: node.url }, this.#clientId, token)
        if (status === 200) outcome.revokedAlive.push(`refresh token at ${node.name}`)
      }
  }

  get #clientId(): string {
    return this.#credentials.applications.spa.client_id
  }

  #read(): Promise<unknown> {
    const [person] = this.#people
    return this.#call('read', [200], 'GET', `users/${person?.id}/permissions`)
  }

  async #write(): Promise<void> {
    const { outcome } = this.#recorder
    const name = `chaos-${randomBytes(8).toString('hex')}`
    const made = await this.#call('write', [201, 200], 'POST', 'roles', { name })
    if (!made) return
    const { id }: { id: string } = JSON.parse(made.text)
    this.#written.push(id)
    const found = await this.#call('read', [200, 404], 'GET', `roles/${id}`)
    if (found?.status === 404) outcome.lostWrites.push(`role ${id} right after its creation`)
  }

  #token(): Promise<unknown> {
    const { m2m } = this.#credentials.applications
    const params = { grant_type: 'client_credentials', ...m2m, audience: tutorial.api.identifier }
    return this.#recorder.send('token', [200], () => requestToken(this.#cluster, params))
  }

  /** A log-in, its code, refresh tokens, a role that is taken away, a revocation; then all one-time values again. */
  async #journey({ id, email }: Person): Promise<void> {
    const { outcome } = this.#recorder
    await this.#call('write', [204], 'POST', `users/${id}/roles`, { roles: [this.#roleId] })
    const login = await this.#recorder.send('login', [200], async () => {
      const done = await logIn(this.#cluster, this.#clientId, email, {}, this.#password)
      return { status: done.code === '' ? 0 : 200, ...done }
    })
    if (!login) return
    const redeemed = await this.#tokens('code', () => redeem(this.#cluster, this.#clientId, login))
    if (redeemed?.status === 200) await this.#useTokens(id, redeemed)
    // The one that was not answered may have been executed, so that one more may succeed: this one or the next.
    let successes = redeemed?.status === 200 ? 1 : 0
    for (let attempt = 0; attempt < 2; attempt++) {
      const again = await this.#tokens('code', () => redeem(this.#cluster, this.#clientId, login))
      if (again?.status === 200) successes++
    }
    if (successes > 1) outcome.usedTwice.push(`code, ${successes} times`)
  }

  async #useTokens(userId: string, redeemed: TokenAnswer): Promise<void> {
    const { outcome } = this.#recorder
    const used: string[] = []
    const use = async (token: string) => {
      used.push(token)
      const answer = await this.#tokens('refresh', () => refresh(this.#cluster, this.#clientId, token))
      return answer?.status === 200 ? answer.body : undefined
    }
    const first = await use(redeemed.body.refresh_token)
    if (!first) return
    const taken = await this.#call('revoke', [204], 'DELETE', `users/${userId}/roles`, {
      roles: [this.#roleId],
    })
    const second = await use(first.refresh_token)
    if (!second) return
    if (taken && permissionsOf(second.access_token).includes(tutorial.permission.value))
      outcome.revokedAlive.push('permission in a token after its role was taken away')
    const last = second.refresh_token
    const revoked = await this.#recorder.send('revoke', [200], () => this.#revoke(last))
    if (revoked) {
      this.#revoked.push(last)
      if (await use(last)) outcome.revokedAlive.push('refresh token right after its revocation')
    }
    for (const token of used.slice(0, 2))
      if (await use(token)) outcome.usedTwice.push('refresh token that was exchanged')
  }

  /** Sends a request to the token endpoint. A refusal is no error here: the caller looks at the status. */
  #tokens(kind: Kind, send: () => Promise<TokenAnswer>): Promise<TokenAnswer | undefined> {
    return this.#recorder.send(kind, [200, 403], send)
  }

  #revoke(token: string): Promise<Response> {
    return fetch(new URL('/oauth/revoke', this.#cluster.issuer), {
      method: 'POST',
      body: new URLSearchParams({ client_id: this.#clientId, token }),
    })
  }

  #call(kind: Kind, accepted: readonly number[], method: string, path: string, json?: unknown) {
    return this.#recorder.send(kind, accepted, () => this.#manage(method, path, json))
  }

  async #manage(method: string, path: string, json?: unknown): Promise<{ status: number; text: string }> {
    const response = await fetch(new URL(`/api/v2/${path}`, this.#cluster.issuer), {
      method,
      headers: {
        authorization: `Bearer ${this.#managementToken}`,
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    })
    return { status: response.status, text: await response.text() }
  }
}

function permissionsOf(accessToken: string): string[] {
  const payload = Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()
  const { permissions = [] }: { permissions?: string[] } = JSON.parse(payload)
  return permissions
}
