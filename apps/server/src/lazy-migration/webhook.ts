import { z } from 'zod'
import type { MigrationSecrets, MigrationSettings } from '../connections/lazy-migration.ts'
import { sendOutbound } from '../http/outbound.ts'
import { type Answer, readOldUser, secondFactor, unavailable } from './old-user.ts'

export type WebhookSettings = Extract<MigrationSettings, { source: 'webhook' }>

/** The body of a request to a webhook. */
interface Question {
  /** `look_up` asks whether there is such a user, without a password. */
  type: 'log_in' | 'look_up'
  connection: string
  email: string
  password?: string
  ip?: string
}

const answer = z.object({ user: z.looseObject({ roles: z.unknown() }) })
const refusal = z.object({ error: z.string() })

/** Asks a webhook for a user. @throws {OutboundError} */
export async function askWebhook(
  { url }: WebhookSettings,
  { authorization }: MigrationSecrets,
  question: Question,
  { localHosts, signal }: { localHosts: readonly string[]; signal: AbortSignal },
): Promise<Answer | 'cannot_look_up'> {
  const { status, body } = await sendOutbound(localHosts, {
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      ...(authorization !== undefined && { authorization }),
    },
    body: JSON.stringify(question),
    signal,
  })
  if (status === 501 && question.type === 'look_up') return 'cannot_look_up'
  if (status === 401 || status === 404) return { refused: 'wrong', reason: `It answered ${status}` }
  const parsed = jsonOf(body)
  if (status === 403 && refusal.safeParse(parsed).data?.error === 'mfa_required') return secondFactor
  if (status !== 200) return unavailable(`It answered ${status}`)
  const found = answer.safeParse(parsed)
  if (!found.success) return unavailable('It answered 200 without a user')
  const { roles, ...user } = found.data.user
  return readOldUser(user, question.email, { roles })
}

/** undefined for what is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
