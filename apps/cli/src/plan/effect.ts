import { addPreview, type PlannedChange, type PreviewAnswer, previewAnswer } from '@rolecall/contract'
import type { Management } from '../management/management.ts'

/** Who gains and who loses which permission by changes, of all users. */
export type Effect = Pick<PreviewAnswer, 'gained' | 'lost' | 'users' | 'applications' | 'settings' | 'tokens'>

/** One permission that some gain or lose, with the names of the first of them. */
export interface NamedEffect {
  effect: 'gained' | 'lost'
  api: string
  permission: string
  names: string[]
  total: number
}

/** Asks the server, part by part: each answer is about at most 20,000 users. */
export async function effectOf(management: Management, changes: readonly PlannedChange[]): Promise<Effect> {
  let sum = await preview(management, { changes })
  while (sum.next !== undefined) sum = addPreview(sum, await preview(management, { changes, from: sum.next }))
  const { gained, lost, users, applications, settings, tokens } = sum
  return { gained, lost, users, applications, settings, tokens }
}

const maxNames = 100
const maxNamedPermissions = 100

/** The names behind the numbers: of losses first, and of so many permissions that a person can read them. */
export async function namesOf(
  management: Management,
  changes: readonly PlannedChange[],
  { lost, gained }: Effect,
): Promise<NamedEffect[]> {
  const rows = [
    ...lost.map((row) => ({ ...row, effect: 'lost' as const })),
    ...gained.map((row) => ({ ...row, effect: 'gained' as const })),
  ].slice(0, maxNamedPermissions)
  const named: NamedEffect[] = []
  for (const { effect, api, permission } of rows) {
    const details = { effect, api, permission, per_page: maxNames }
    const { details: found } = await preview(management, { changes, details })
    named.push({
      effect,
      api,
      permission,
      names: [
        ...(found?.users ?? []).map(({ email, name, user_id: id }) => email || name || id),
        ...(found?.clients ?? []).map(({ name }) => name),
      ],
      total: found?.total ?? 0,
    })
  }
  return named
}

async function preview(management: Management, body: object): Promise<PreviewAnswer> {
  return management.post('/authorization/preview', previewAnswer, body)
}
