import type { Application } from '../applications/store.ts'

/** The scope of tokens that read the feed. */
export const changesScope = 'read:authorization_changes'

/** The audience of tokens that read the feed. */
export function feedAudience(issuer: string): string {
  return `${issuer}authorization/`
}

/** The API that the application belongs to: it may read the changes of this API. */
export function audienceOf({ data }: Pick<Application, 'data'>): string | undefined {
  const audience = data['resource_server_identifier']
  return typeof audience === 'string' && audience !== '' ? audience : undefined
}
