import type { Provider } from 'oidc-provider'
import { observed } from '../telemetry/operations.ts'

/** Measures what signs a token in oidc-provider: each of these makes one. */
export function observeSigning(provider: Provider): void {
  observe(provider.AccessToken.prototype, 'getValueAndPayload')
  observe(provider.ClientCredentials.prototype, 'getValueAndPayload')
  observe(provider.IdToken.prototype, 'issue')
}

function observe(model: object, method: string): void {
  const sign: unknown = Reflect.get(model, method)
  if (typeof sign !== 'function') throw new TypeError(`oidc-provider has no ${method}`)
  Reflect.set(model, method, function signed(this: object, ...args: unknown[]) {
    return observed('token.sign', async (): Promise<unknown> => Reflect.apply(sign, this, args))
  })
}
