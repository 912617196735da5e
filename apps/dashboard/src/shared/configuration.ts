import { z } from 'zod'

/** What the server tells its dashboard: where it is and under which client it logs in. */
const configuration = z.object({
  /** With the trailing slash. */
  issuer: z.url(),
  client_id: z.string(),
  /** Of the Management API. */
  audience: z.string(),
  /** Without a mail server, mails stay in the outbox. */
  sends_mail: z.boolean(),
  /** The sample client and API, where they run with this server. */
  sample: z.object({ client_url: z.string(), api_url: z.string() }).optional(),
})

/** Where the tutorial's client and API run, unless the server says otherwise. */
export const tutorialAddresses = { client_url: 'http://localhost:4040', api_url: 'http://localhost:6060' }

export type Configuration = z.output<typeof configuration>

/** @throws when the server does not answer, or with something else */
export async function loadConfiguration(): Promise<Configuration> {
  const response = await fetch('/dashboard/config.json', { headers: { accept: 'application/json' } })
  if (!response.ok) throw new Error(`The server answered ${response.status} for its configuration.`)
  return configuration.parse(await response.json())
}
