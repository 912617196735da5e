import { email as emailSchema, given, type MappedAttribute } from '@rolecall/contract'
import type { Provider } from '../connections/provider.ts'
import { storedEmail } from '../store/canonical.ts'

type Claims = Readonly<Record<string, unknown>>

/** Half a character is stored as another one. */
const wellFormedEmail = emailSchema.refine((text) => text.isWellFormed())

/** What a provider has sent about a person. */
export interface ProviderClaims {
  claims: Claims
  /** Those of the userinfo endpoint. */
  userinfo: Claims
}

/** The members of a user that a provider fills in. */
export interface ProviderProfile {
  /** Undefined where the provider sends no address, or something that is not one. */
  email?: string
  emailVerified: boolean
  name?: string
  nickname?: string
  givenName?: string
  familyName?: string
  /** Only where the connection maps it. */
  picture?: string
}

/**
 * The profile by the connection's `attribute_map`, and by the standard claims (OpenID Connect Core 1.0 §5.1). The claim
 * `picture` counts only where it is mapped: applications would load the address, so each view would tell the provider.
 */
export function profileOf(
  { attributeMap: { mode, attributes }, trustEmailVerified }: Provider,
  { claims, userinfo }: ProviderClaims,
): ProviderProfile {
  const valueOf = (attribute: MappedAttribute): unknown => {
    const mapped = attributes[attribute]
    if (mapped) return (mapped.from === 'userinfo' ? userinfo : claims)[mapped.claim]
    if (attribute === 'picture' || (mode === 'named' && attribute !== 'email')) return undefined
    return claims[attribute]
  }
  const read = (attribute: MappedAttribute, maxLength: number) => textOf(valueOf(attribute), maxLength)
  // As it is: without a part of it, it could be the address of somebody else.
  const sent = wellFormedEmail.safeParse(valueOf('email')).data
  const email = sent && storedEmail(sent)
  const picture = read('picture', 2_048)
  return {
    ...(email !== undefined && { email }),
    // The text "true" is not true: a provider that sends it follows no standard.
    emailVerified:
      trustEmailVerified &&
      claims['email_verified'] === true &&
      sent !== undefined &&
      isSameMailbox(sent, email),
    ...given('name', read('name', 300)),
    ...given('nickname', read('nickname', 300)),
    ...given('givenName', read('given_name', 150)),
    ...given('familyName', read('family_name', 150)),
    ...(picture !== undefined && /^https?:\/\/\S+$/i.test(picture) && { picture }),
  }
}

/**
 * Whether an address is stored as the one that a provider has verified. Lower case turns some characters into others: the
 * Kelvin sign (U+212A) into k.
 */
const isSameMailbox = (sent: string, stored: string | undefined) =>
  sent.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) === stored

/** What a store can hold of a claim: PostgreSQL refuses U+0000 and halves of characters in JSON. */
const maxProfileLength = 32_768

/** The claims as they are stored with the identity. Of very many only the standard ones, which are short. */
export function storedClaims({ claims }: ProviderClaims): Record<string, unknown> {
  const whole = asRecord(storable(claims))
  if (JSON.stringify(whole).length <= maxProfileLength) return whole
  return Object.fromEntries(
    standardClaims.flatMap((name) => {
      const text = textOf(whole[name], 320)
      return text === undefined ? [] : [[name, text]]
    }),
  )
}

const standardClaims = [
  'name',
  'nickname',
  'given_name',
  'family_name',
  'preferred_username',
  'email',
  'login',
]

function storable(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '').toWellFormed()
  if (typeof value !== 'object' || value === null) return value
  if (depth > 8) return null
  if (Array.isArray(value)) return value.map((item) => storable(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [String(storable(name)), storable(member, depth + 1)]),
  )
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

/** One line without control characters; undefined for anything else than text. */
function textOf(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string') return undefined
  const line = value
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
  return line === '' ? undefined : line.slice(0, maxLength).toWellFormed()
}
