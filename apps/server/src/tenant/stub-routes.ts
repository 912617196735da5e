import { pageQuery } from '@rolecall/contract'
import { z } from 'zod'
import { ApiError } from '../http/api-error.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { type Listing, paged } from '../http/paging.ts'

/**
 * Resources that the server does not have. An export by auth0-deploy-cli reads them and stops at the first that is
 * missing. They answer like an Auth0 tenant that does not use them.
 */
export function readStubRoutes(app: ManagementApp): void {
  const tags = ['empty']

  for (const [url, scope, name] of emptyLists)
    app.get(
      url,
      { config: { scope: [scope] }, schema: { tags, summary: `No ${name}`, querystring: pageQuery } },
      ({ query }) => paged(name, query, nothing, (item) => item),
    )

  for (const [url, scope, answer] of answers)
    app.get(
      url,
      { config: { scope: [scope] }, schema: { tags, summary: 'Not used', response: { 200: z.unknown() } } },
      async () => answer,
    )

  for (const [url, scope, errorCode] of closed)
    app.get(url, { config: { scope: [scope] }, schema: { tags, summary: 'Not available' } }, async () => {
      throw new ApiError(403, 'This feature is not available for this tenant.', errorCode)
    })
}

const nothing: Listing<never> = { slice: async () => [], count: async () => 0, cursor: () => [] }

const emptyLists = [
  ['/rules', 'read:rules', 'rules'],
  ['/forms', 'read:forms', 'forms'],
  ['/flows', 'read:flows', 'flows'],
  ['/flows/vault/connections', 'read:flows_vault_connections', 'connections'],
  ['/self-service-profiles', 'read:self_service_profiles', 'self_service_profiles'],
] as const

const answers: [url: string, scope: string, answer: unknown][] = [
  ['/rules-configs', 'read:rules_configs', []],
  ['/custom-domains', 'read:custom_domains', []],
  ['/actions/actions', 'read:actions', { actions: [], total: 0, page: 0, per_page: 100 }],
  ['/actions/triggers', 'read:actions', { triggers: [] }],
  ['/branding/phone/providers', 'read:phone_providers', { providers: [] }],
  ['/branding/phone/templates', 'read:phone_templates', { templates: [] }],
  ['/prompts', 'read:prompts', { universal_login_experience: 'new', identifier_first: false }],
  ['/prompts/:prompt/custom-text/:language', 'read:prompts', {}],
  ['/prompts/:prompt/partials', 'read:prompts', {}],
  [
    '/attack-protection/breached-password-detection',
    'read:attack_protection',
    {
      enabled: false,
      shields: [],
      admin_notification_frequency: [],
      method: 'standard',
      stage: { 'pre-user-registration': { shields: [] } },
    },
  ],
  [
    // An approximation of the rules of accounts/attempts.ts.
    '/attack-protection/brute-force-protection',
    'read:attack_protection',
    {
      enabled: true,
      shields: ['block'],
      mode: 'count_per_identifier_and_ip',
      allowlist: [],
      max_attempts: 10,
    },
  ],
  [
    '/attack-protection/suspicious-ip-throttling',
    'read:attack_protection',
    {
      enabled: true,
      shields: ['block'],
      allowlist: [],
      stage: {
        'pre-login': { max_attempts: 100, rate: 864_000 },
        'pre-user-registration': { max_attempts: 50, rate: 1_200 },
      },
    },
  ],
  ['/token-exchange-profiles', 'read:token_exchange_profiles', { token_exchange_profiles: [] }],
  ['/supplemental-signals', 'read:attack_protection', { akamai_enabled: false }],
  ['/event-streams', 'read:event_streams', { eventStreams: [] }],
]

const closed = [
  ['/prompts/rendering', 'read:prompts', 'feature_not_enabled'],
  ['/attack-protection/bot-detection', 'read:attack_protection', 'insufficient_entitlement'],
  ['/attack-protection/captcha', 'read:attack_protection', 'insufficient_entitlement'],
] as const
