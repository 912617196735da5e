import { once } from 'node:events'
import { get } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Child } from './child.ts'

const retryMilliseconds = 20

/** Until the program says `{ ready: true }` to its parent. Its end is somebody else's to notice. */
export async function ready({ process: child }: Child): Promise<void> {
  await once(child, 'message')
}

/** Until the server names the application of the client. It never resolves for a server that ends before. */
export function clientIdOf({ process: child }: Child): Promise<string> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && 'clientId' in message) resolve(String(message.clientId))
    })
  })
}

/** Until the address answers at all, or the program that should do so has ended. */
export async function answering({ process: child }: Child, url: string): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    if (await answers(url)) return
    await pause(retryMilliseconds)
  }
}

/**
 * Until the API can verify tokens, or has ended. It loads the issuer's keys for the first time before the server is up, and
 * again a second later at the earliest: until then it answers 503. No key has the id that this token names.
 */
export async function verifying({ process: child }: Child, url: string, issuer: string): Promise<void> {
  const token = `${part({ alg: 'RS256', typ: 'JWT', kid: 'none' })}.${part({ iss: issuer })}.AA`
  while (child.exitCode === null && child.signalCode === null) {
    if ((await statusOf(url, { authorization: `Bearer ${token}` })) !== 503) return
    await pause(retryMilliseconds)
  }
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

async function answers(url: string): Promise<boolean> {
  return (await statusOf(url)) !== undefined
}

function statusOf(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve) => {
    get(url, { headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).once('error', () => resolve(undefined))
  })
}
