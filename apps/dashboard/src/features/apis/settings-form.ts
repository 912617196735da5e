import {
  addsPermissions,
  isRfc9068,
  type ResourceServer,
  tokenDialect,
} from '../../shared/management/apis.ts'
import { common } from '../../shared/text.ts'
import { apiSettings as text } from './text.ts'

const maxLifetimeSeconds = 2_592_000

export interface Values {
  name: string
  enforce_policies: boolean
  adds_permissions: boolean
  rfc9068: boolean
  token_lifetime: string
  token_lifetime_for_web: string
  signing_alg: ResourceServer['signing_alg']
  allow_offline_access: boolean
}

export const labels: Record<keyof Values, string> = {
  name: common.name,
  enforce_policies: text.enable,
  adds_permissions: text.add,
  rfc9068: text.profileRfc,
  token_lifetime: text.lifetime,
  token_lifetime_for_web: text.webLifetime,
  signing_alg: text.alg,
  allow_offline_access: text.offline,
}

export const toValues = (api: ResourceServer): Values => ({
  name: api.name,
  enforce_policies: api.enforce_policies ?? false,
  adds_permissions: addsPermissions(api),
  rfc9068: isRfc9068(api),
  token_lifetime: String(api.token_lifetime),
  token_lifetime_for_web: String(api.token_lifetime_for_web),
  signing_alg: api.signing_alg,
  allow_offline_access: api.allow_offline_access,
})

export const toUpdate = (values: Values) => ({
  name: values.name.trim(),
  enforce_policies: values.enforce_policies,
  token_dialect: tokenDialect({
    rfc9068: values.rfc9068,
    addsPermissions: values.enforce_policies && values.adds_permissions,
  }),
  token_lifetime: Number(values.token_lifetime),
  token_lifetime_for_web: Number(values.token_lifetime_for_web),
  signing_alg: values.signing_alg,
  allow_offline_access: values.allow_offline_access,
})

/** The title of a question before a switch is saved that decides for everybody. */
export function questionOf(base: Values, values: Values): ((api: string) => string) | undefined {
  if (base.enforce_policies !== values.enforce_policies)
    return values.enforce_policies ? text.rbacOnTitle : text.rbacOffTitle
  return base.adds_permissions && base.enforce_policies && !values.adds_permissions
    ? text.claimOffTitle
    : undefined
}

export function validate(values: Values): { [Name in keyof Values]?: string | undefined } {
  const web = lifetimeError(values.token_lifetime_for_web)
  const tooLong = Number(values.token_lifetime_for_web) > Number(values.token_lifetime)
  return {
    name: values.name.trim() ? undefined : common.required,
    token_lifetime: lifetimeError(values.token_lifetime),
    token_lifetime_for_web: web ?? (tooLong ? text.webTooLong : undefined),
  }
}

function lifetimeError(seconds: string): string | undefined {
  if (!/^[1-9]\d*$/.test(seconds)) return text.number
  return Number(seconds) > maxLifetimeSeconds ? text.tooLong : undefined
}
