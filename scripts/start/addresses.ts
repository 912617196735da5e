import type { Ports } from './options.ts'

export interface Addresses {
  /** With its trailing slash, as every token says it. */
  issuer: string
  client: string
  api: string
  dashboard: string
}

export function addressesOf({ server, client, api }: Ports): Addresses {
  const issuer = `http://localhost:${server}/`
  return {
    issuer,
    client: `http://localhost:${client}`,
    api: `http://localhost:${api}`,
    dashboard: `${issuer}dashboard/`,
  }
}
