import type { Options } from './options.ts'

export interface Addresses {
  /** With its trailing slash, as every token says it. */
  issuer: string
  client: string
  api: string
  dashboard: string
}

export function addressesOf({ ports, https }: Pick<Options, 'ports' | 'https'>): Addresses {
  const issuer = `${https ? 'https' : 'http'}://localhost:${ports.server}/`
  return {
    issuer,
    client: `http://localhost:${ports.client}`,
    api: `http://localhost:${ports.api}`,
    dashboard: `${issuer}dashboard/`,
  }
}
