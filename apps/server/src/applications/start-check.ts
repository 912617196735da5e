import { hasUnauthenticatedGrant } from '@rolecall/contract'
import type { Context } from '../context.ts'
import { allApplications } from './store.ts'

/**
 * Names the applications that were stored with client_credentials and without client authentication, before that was
 * refused. Their requests for tokens on their own behalf fail.
 * @returns one line for the server's log; undefined when there are none
 */
export async function unauthenticatedGrantsWarning({
  store,
}: Pick<Context, 'store'>): Promise<string | undefined> {
  const found = (await allApplications(store.db)).filter(({ data }) => hasUnauthenticatedGrant(data))
  if (found.length === 0) return undefined
  const names = found.map(({ clientId, name }) => `${clientId} (${name})`).toSorted()
  return `Applications that list the grant type client_credentials and do not authenticate get no token with it: ${names.join(', ')}. Remove client_credentials from their grant_types, or set a token_endpoint_auth_method other than none and rotate the secret.`
}
