/**
 * Logs in with many browsers at a time, in a process of its own, so that the latencies that `responsiveness.ts` measures are
 * the server's. Asked by a message, it does so for the seconds that the message names, and answers how many log-ins succeeded.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { authorizationRequest, Browser, destination, password, redeem } from '@rolecall/server/test-kit'
import { within } from '../process.ts'

const { ISSUER: issuer = '', CLIENT_ID: clientId = '', BROWSERS: browsers = '0' } = process.env
const logInSeconds = 60
const busyStatuses = new Set([429, 503])

async function crowd(seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000
  let completed = 0
  const browse = async (index: number): Promise<void> => {
    while (performance.now() < until)
      if (await within(logInSeconds, 'a log-in', logIn(index))) completed++
      else await pause(2_000)
  }
  await Promise.all(Array.from({ length: Number(browsers) }, (_, index) => browse(index)))
  return completed
}

/** Each browser has an address of its own, as people have. @returns false where the server has too much to hash */
async function logIn(index: number): Promise<boolean> {
  const browser = new Browser(issuer, { 'x-forwarded-for': `10.0.${index >> 8}.${index & 255}` })
  const request = authorizationRequest({ issuer }, clientId)
  const page = await browser.open(request.url)
  const done = await browser.submit(page, { email: 'admin@example.com', password })
  if (busyStatuses.has(done.status)) return false
  const code = destination(done).searchParams.get('code') ?? ''
  const { status, body } = await redeem({ issuer }, clientId, { code, request })
  if (status !== 200)
    throw new Error(`The token request was answered with ${status}: ${body.error_description}`)
  return true
}

process.on('message', (seconds) => void crowd(Number(seconds)).then((completed) => process.send?.(completed)))
// A preloaded script has released the channel, which is all that this process waits for.
process.channel?.ref()
process.send?.({ ready: true })
