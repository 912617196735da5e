import { useUserPauses } from '../../shared/management/user-activity.ts'
import type { User } from '../../shared/management/users.ts'
import { Tag } from '../../shared/ui/tag.tsx'
import { users } from './text.ts'

export function UserStatus({ user: { blocked, email_verified } }: { user: User }) {
  if (blocked) return <Tag tone="danger">{users.blocked}</Tag>
  return email_verified ? <Tag tone="ok">{users.active}</Tag> : <Tag tone="warn">{users.unverified}</Tag>
}

/** While logins to the account are paused. The details of the user end it. */
export function PausedTag({ user: { user_id } }: { user: User }) {
  const { data = [] } = useUserPauses(user_id)
  return data.length > 0 && <Tag tone="warn">{users.paused}</Tag>
}
