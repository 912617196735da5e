import type { Provider } from '../../connections/provider.ts'
import type { Context } from '../../context.ts'
import type { KeyRing } from '../../keys/key-ring.ts'
import { ProviderError } from './failure.ts'
import { createGithub } from './github.ts'
import { createOidc } from './oidc.ts'
import type { ProviderProtocol } from './provider-protocol.ts'

/** Roles may depend on many groups. What a provider sends is kept with a log-in that waits for its second step. */
const maxClaimsLength = 65_536

/** Logs people in at other providers, each by the protocol of its strategy. */
export function createProviders(ctx: Pick<Context, 'clock' | 'config'>, keys: KeyRing): ProviderProtocol {
  const strategies: Record<Provider['strategy'], ProviderProtocol> = {
    oidc: createOidc(ctx, keys),
    github: createGithub(ctx),
  }
  return {
    begin: (provider, request) => strategies[provider.strategy].begin(provider, request),
    async complete(provider, departure, response) {
      const arrival = await strategies[provider.strategy].complete(provider, departure, response)
      if (JSON.stringify([arrival.claims, arrival.userinfo]).length > maxClaimsLength)
        throw new ProviderError('provider_failed', 'The claims are longer than 64 KB')
      return arrival
    },
  }
}
