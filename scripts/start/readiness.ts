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

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, (response) => {
      response.resume()
      resolve(true)
    }).once('error', () => resolve(false))
  })
}
