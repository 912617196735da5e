import type { Options } from './options.ts'

export interface Addresses {
  /** With its trailing slash, as every token says it. */
  issuer: string
  client: string
  api: string
  dashboard: string
}

export function addressesOf({ ports, https, host }: Pick<Options, 'ports' | 'https' | 'host'>): Addresses {
  // A URL leaves out the port that its scheme implies.
  const issuer = new URL(`${https ? 'https' : 'http'}://${host}:${ports.server}/`).href
  return {
    issuer,
    client: `http://localhost:${ports.client}`,
    api: `http://localhost:${ports.api}`,
    dashboard: `${issuer}dashboard/`,
  }
}
