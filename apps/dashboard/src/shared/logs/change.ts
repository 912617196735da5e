import { type ChangeTarget, changes, type Log } from '@rolecall/contract'
import { z } from 'zod'

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
  const { success, data } = targets.safeParse(details?.['targets'])
  if (type !== 'sapi' || !success || !isChange(description)) return undefined
  const parts = changes[description].split(/(\{\w+\})/).map((part): Part => {
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? []
    return name === undefined ? part : data.filter((target) => target.type === name)
  })
  return parts.every((part) => part.length > 0 || part === '') ? parts : undefined
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
