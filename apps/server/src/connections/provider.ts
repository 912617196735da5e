import {
  attributeTemplate,
  type ConnectionOptions,
  type MappedAttribute,
  mappedAttributes,
} from '@rolecall/contract'
import type { Context } from '../context.ts'
import type { Sealer } from '../crypto/sealer.ts'
import { openMigrationSecrets, sealedSecrets } from './lazy-migration.ts'
import type { Connection, RoleMapping } from './store.ts'

const callbackPath = '/login/callback'

/**
 * Where a provider sends browsers back to. Each connection has its own address, so that the response of one provider is
 * never taken for that of another, also where it does not say whose it is (RFC 9700 §4.4.2.2).
 */
export const callbackPathOf = (name: string) => `${callbackPath}/${name}`

/** What a log-in at another provider needs to know. */
export interface Provider {
  strategy: 'oidc' | 'github'
  connectionId: string
  /** Part of the ids of its users. */
  name: string
  /** For people. The name, unless the connection has another one. */
  displayName: string
  /** Whether the log-in page shows it. An application can name it in `connection` in any case. */
  showAsButton: boolean
  iconUrl?: string
  /** Whether a first log-in creates a user. */
  allowsSignUp: boolean
  clientId: string
  /** Undefined until it is set, and for methods without one. */
  clientSecret?: string
  /** Of the provider's metadata. Undefined for GitHub, whose endpoints are known. */
  discoveryUrl?: string
  /** Compared with the one in the metadata, if it is given. */
  issuer?: string
  scopes: string[]
  tokenAuthMethod: 'client_secret_post' | 'client_secret_basic' | 'private_key_jwt' | 'none'
  pkce: 'S256' | 'disabled'
  attributeMap: AttributeMap
  setProfile: 'on_each_login' | 'on_first_login' | 'never_on_login'
  /**
   * Whether an address counts as verified when the provider says so. Always false where the address comes from another
   * claim than `email`, because `email_verified` speaks of that one (OpenID Connect Core 1.0 §5.1).
   */
  trustEmailVerified: boolean
  roleMapping?: RoleMapping
}

/** Members of the profile that do not come from the standard claim of their name. */
export interface AttributeMap {
  /** `all`: members that are not named come from their standard claims. `named`: they stay empty. */
  mode: 'all' | 'named'
  attributes: Partial<Record<MappedAttribute, { from: 'tokenset' | 'userinfo'; claim: string }>>
}

/** Whether users of a connection log in at another provider. */
export const isProvider = ({ strategy }: Pick<Connection, 'strategy'>): boolean => strategy !== 'auth0'

/** @throws for a connection that is a database */
export function providerOf({ sealer }: Pick<Context, 'sealer'>, connection: Connection): Provider {
  const { id, name, strategy, options, roleMapping } = connection
  if (strategy !== 'oidc' && strategy !== 'github') throw new Error(`${name} is not a provider`)
  const { clientSecret } = openMigrationSecrets(sealer, connection)
  return {
    strategy,
    connectionId: id,
    name,
    ...appearanceOf(connection),
    allowsSignUp: options.disable_signup !== true,
    clientId: options.client_id ?? '',
    ...(clientSecret !== undefined && { clientSecret }),
    ...(strategy === 'oidc' ? oidcSettings(options) : githubSettings),
    tokenAuthMethod: options.token_endpoint_auth_method ?? 'client_secret_post',
    pkce: options.connection_settings?.pkce === 'disabled' ? 'disabled' : 'S256',
    ...profileRules(options, { trustsByDefault: strategy === 'github' }),
    ...(roleMapping && { roleMapping }),
  }
}

type Appearance = Pick<Provider, 'displayName' | 'showAsButton' | 'iconUrl'>

function appearanceOf({ name, extra, options }: Connection): Appearance {
  const { display_name: displayName, show_as_button: showAsButton } = extra
  return {
    displayName: typeof displayName === 'string' && displayName !== '' ? displayName : name,
    showAsButton: showAsButton !== false,
    ...(options.icon_url && { iconUrl: options.icon_url }),
  }
}

type ProfileRules = Pick<Provider, 'attributeMap' | 'setProfile' | 'trustEmailVerified'>

function profileRules(
  options: ConnectionOptions,
  { trustsByDefault }: { trustsByDefault: boolean },
): ProfileRules {
  const attributeMap = attributeMapOf(options)
  const emailClaim = attributeMap.attributes.email?.claim ?? 'email'
  return {
    attributeMap,
    setProfile: options.set_user_root_attributes ?? 'on_each_login',
    trustEmailVerified: (options.trust_email_verified ?? trustsByDefault) && emailClaim === 'email',
  }
}

/** GitHub's flags ask for more than a log-in reads. */
const githubSettings = { scopes: ['read:user', 'user:email'] }

const oidcSettings = (options: ConnectionOptions): Pick<Provider, 'discoveryUrl' | 'issuer' | 'scopes'> => ({
  discoveryUrl: discoveryUrlOf(options),
  ...(options.issuer && { issuer: options.issuer }),
  scopes: oidcScopes(options),
})

function oidcScopes({ scope }: ConnectionOptions): string[] {
  return typeof scope === 'string' ? scope.split(' ') : (scope ?? ['openid', 'profile', 'email'])
}

function discoveryUrlOf({ discovery_url: url, issuer }: ConnectionOptions): string {
  // OpenID Connect Discovery 1.0 §4: a slash at the end of the issuer is removed.
  return url ?? `${(issuer ?? '').replace(/\/$/, '')}/.well-known/openid-configuration`
}

function attributeMapOf({ attribute_map: map }: ConnectionOptions): AttributeMap {
  const attributes: AttributeMap['attributes'] = {}
  for (const name of mappedAttributes) {
    const [, from, claim] = attributeTemplate.exec(map?.attributes?.[name] ?? '') ?? []
    if (claim !== undefined) attributes[name] = { from: from === 'userinfo' ? 'userinfo' : 'tokenset', claim }
  }
  return { mode: map?.mapping_mode === 'use_map' ? 'named' : 'all', attributes }
}

/**
 * The connection with these options and their secret sealed. Callers cannot read the secret. So it is kept for the
 * provider and the application that it was given for alone: a caller who changes the address would receive it otherwise.
 */
export function withProviderOptions(
  sealer: Sealer,
  before: Connection,
  given: ConnectionOptions,
  roleMapping: RoleMapping | undefined,
): Connection {
  const { client_secret: secret, role_mapping: _, ...options } = given
  const { migrationSecrets: sealed, roleMapping: __, ...connection } = before
  const kept = isSameClient(before.options, options) ? sealed : undefined
  return {
    ...connection,
    options,
    ...(roleMapping && { roleMapping }),
    ...(secret === undefined
      ? kept !== undefined && { migrationSecrets: kept }
      : secret !== null && {
          migrationSecrets: sealedSecrets(sealer, before, { clientSecret: secret }),
        }),
  }
}

const isSameClient = (before: ConnectionOptions, after: ConnectionOptions) =>
  before.client_id === after.client_id &&
  discoveryUrlOf(before) === discoveryUrlOf(after) &&
  (before.issuer ?? '') === (after.issuer ?? '')
