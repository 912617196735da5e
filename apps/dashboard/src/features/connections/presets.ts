/** What a new connection begins with. The addresses are those that each provider documents. */
export interface Preset {
  strategy: 'oidc' | 'github'
  /** Of the connection, unless another one is typed. */
  name: string
  displayName: string
  /** Empty: typed by the person. A part in braces is replaced. */
  issuer: string
  /** Where an application is registered at the provider. */
  registration?: string
}

export const presets = {
  oidc: { strategy: 'oidc', name: '', displayName: '', issuer: '' },
  github: {
    strategy: 'github',
    name: 'github',
    displayName: 'GitHub',
    issuer: '',
    registration: 'https://github.com/settings/applications/new',
  },
  google: {
    strategy: 'oidc',
    name: 'google',
    displayName: 'Google',
    issuer: 'https://accounts.google.com',
    registration: 'https://console.cloud.google.com/auth/clients',
  },
  microsoft: {
    strategy: 'oidc',
    name: 'microsoft',
    displayName: 'Microsoft',
    issuer: 'https://login.microsoftonline.com/{tenant}/v2.0',
    registration: 'https://entra.microsoft.com/',
  },
} as const satisfies Record<string, Preset>

export type PresetName = keyof typeof presets
export const presetNames = Object.keys(presets).filter((name): name is PresetName =>
  Object.hasOwn(presets, name),
)

/** The option for an address that a person typed: the metadata themselves, or the issuer that they belong to. */
export function addressOption(typed: string): { issuer: string } | { discovery_url: string } {
  const address = typed.trim()
  return address.endsWith('/.well-known/openid-configuration')
    ? { discovery_url: address }
    : { issuer: address }
}
