import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { text, words } from './request.ts'

/**
 * Auth0 gives a refresh token to whoever asks for `offline_access`; OpenID Connect Core §11 wants a consent page first,
 * and oidc-provider takes the scope away without one. It is put back for applications that may refresh, where the API
 * allows it.
 */
export function checkOfflineAccess({ oidc, query }: KoaContextWithOIDC): void {
  const { params, client, resourceServers } = oidc
  if (!params || !client || !words(text(query, 'scope')).includes('offline_access')) return
  const code = text(params, 'response_type').includes('code')
  const servers = Object.values(resourceServers ?? {})
  const offered = servers.every((server) => server.scope?.split(' ').includes('offline_access') ?? false)
  if (!code || !offered || !client.grantTypeAllowed('refresh_token')) return
  params['scope'] = [...new Set([...words(text(params, 'scope')), 'offline_access'])].join(' ')
}

/** An ID token never rides in a URL, where histories and logs would keep it. */
export function checkResponseMode({ oidc }: KoaContextWithOIDC): void {
  const mode = text(oidc.params, 'response_mode')
  if (text(oidc.params, 'response_type') === 'id_token' && mode !== 'form_post' && mode !== 'web_message')
    throw new errors.InvalidRequest('response_type=id_token needs response_mode=form_post')
}
