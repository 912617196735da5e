import { type ChangeTarget, changes, type Log } from '@rolecall/contract'
import { z } from 'zod'
import { type Difference, differencesBetween } from './difference.ts'

const targets = z.array(
  z.object({
    type: z.enum(['user', 'role', 'api', 'client', 'connection', 'permission']),
    id: z.string(),
    name: z.string(),
  }),
)

/** A part of the sentence about a change: words, or the objects that stand in their place. */
type Part = string | ChangeTarget[]

/** What a change did, after the name of the caller. Undefined for other entries, and for those without names. */
export function sentenceOf({ type, description, details }: Log): Part[] | undefined {
  const data = targetsOf({ details })
  if (type !== 'sapi' || !data || !isChange(description)) return undefined
  const parts = changes[description].split(/(\{\w+\})/).map((part): Part => {
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? []
    return name === undefined ? part : data.filter((target) => target.type === name)
  })
  return parts.every((part) => part.length > 0 || part === '') ? parts : undefined
}

/** The objects that a change names. Undefined where the entry has none. */
export const targetsOf = ({ details }: Pick<Log, 'details'>): ChangeTarget[] | undefined =>
  targets.safeParse(details?.['targets']).data

const maxTold = 3
const maxLength = 24

/** What an update changed, such as `blocked: false → true`. Undefined for other entries. */
export function updateOf({ description, details }: Log): string | undefined {
  if (!description.startsWith('Update ')) return undefined
  const members = Map.groupBy(
    differencesBetween(details?.['before'], details?.['after']).filter(
      ({ member }) => member !== 'updated_at',
    ),
    ({ member }) => member,
  )
  if (members.size === 0) return undefined
  const told = [...members].slice(0, maxTold).map(([member, differences]) => tell(member, differences))
  return [...told, ...(members.size > maxTold ? ['…'] : [])].join(', ')
}

/** A short value is told, of others the name of the member alone. */
function tell(member: string, differences: Difference[]): string {
  const [{ before = '–', after = '–' } = {}, ...others] = differences
  const isShort = others.length === 0 && before.length <= maxLength && after.length <= maxLength
  return isShort ? `${member}: ${before} → ${after}` : member
}

/** Whether the entry is about an object that has no page any more. */
export function deletes({ description }: Log): boolean {
  return /^Delete a (user|role|resource server|client|connection)$/.test(description)
}

function isChange(description: string): description is keyof typeof changes {
  return Object.hasOwn(changes, description)
}

/** The page of an object; permissions have none of their own. */
export function pathOf({ type, id }: ChangeTarget): string | undefined {
  return pages[type](id)
}

const pages: Record<ChangeTarget['type'], (id: string) => string | undefined> = {
  user: (id) => `/users/${encodeURIComponent(id)}`,
  role: (id) => `/roles/${id}`,
  api: (id) => `/apis/${id}`,
  client: (id) => `/applications/${id}`,
  connection: () => '/settings/log-in',
  permission: () => undefined,
}
