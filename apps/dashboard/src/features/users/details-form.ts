import { email as emailSchema, metadata as metadataSchema } from '@rolecall/contract'
import type { User } from '../../shared/management/users.ts'
import { common } from '../../shared/text.ts'
import { userDetails, users } from './text.ts'

export interface Values {
  email: string
  username: string
  name: string
  nickname: string
  email_verified: boolean
  user_metadata: string
  app_metadata: string
}

export const labels: Record<keyof Values, string> = {
  email: common.email,
  username: userDetails.username,
  name: userDetails.name,
  nickname: userDetails.nickname,
  email_verified: users.verified,
  user_metadata: userDetails.userMetadata,
  app_metadata: userDetails.appMetadata,
}

export const toValues = (user: User): Values => ({
  email: user.email,
  username: user.username ?? '',
  name: user.name,
  nickname: user.nickname,
  email_verified: user.email_verified,
  user_metadata: print(user.user_metadata),
  app_metadata: print(user.app_metadata),
})

/** What has changed alone: metadata is merged by the server, so members that were removed are sent as null. */
export function toUpdate(values: Values, base: Values) {
  const changed = (name: keyof Values) => values[name] !== base[name]
  return {
    // The server takes the verification of the old address back.
    ...(changed('email') && {
      email: values.email.trim(),
      verify_email: !(changed('email_verified') && values.email_verified),
    }),
    ...(changed('username') && { username: values.username.trim() || null }),
    ...(changed('name') && { name: values.name.trim() }),
    ...(changed('nickname') && { nickname: values.nickname.trim() }),
    ...(changed('email_verified') && { email_verified: values.email_verified }),
    ...(changed('user_metadata') && { user_metadata: merged(values.user_metadata, base.user_metadata) }),
    ...(changed('app_metadata') && { app_metadata: merged(values.app_metadata, base.app_metadata) }),
  }
}

export function validate(values: Values): { [Name in keyof Values]?: string | undefined } {
  return {
    email: emailSchema.safeParse(values.email.trim()).success ? undefined : common.invalidEmail,
    name: values.name.trim() ? undefined : common.required,
    nickname: values.nickname.trim() ? undefined : common.required,
    user_metadata: metadataError(values.user_metadata),
    app_metadata: metadataError(values.app_metadata),
  }
}

function merged(typed: string, base: string): Record<string, unknown> {
  const after = parse(typed)
  const removed = Object.keys(parse(base)).filter((name) => !(name in after))
  return { ...Object.fromEntries(removed.map((name) => [name, null])), ...after }
}

const print = (metadata: Record<string, unknown> | undefined): string =>
  JSON.stringify(metadata ?? {}, null, 2)

const parse = (typed: string): Record<string, unknown> =>
  metadataSchema.parse(JSON.parse(typed.trim() || '{}'))

function metadataError(typed: string): string | undefined {
  try {
    const value: unknown = JSON.parse(typed.trim() || '{}')
    return metadataSchema.safeParse(value).success ? undefined : userDetails.notObject
  } catch (error) {
    return `${userDetails.notJson} ${error instanceof Error ? error.message : ''}`
  }
}
