import { Button } from '@mantine/core'
import { useCan } from '../../shared/auth/session.ts'
import {
  type AuthenticationMethod,
  useAuthenticationMethods,
  useRemoveMethods,
} from '../../shared/management/factors.ts'
import type { User } from '../../shared/management/users.ts'
import { TableSection } from '../../shared/pages/table-section.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { userFactors as text } from './text.ts'

/** The second factors and passkeys of a user, which an administrator can take away. Only the user can set one up. */
export function FactorsSection({ user: { user_id, email } }: { user: User }) {
  const mayRemove = useCan()('delete:authentication_methods')
  const query = useAuthenticationMethods(user_id)
  const remove = useRemoveMethods(user_id)
  const act = useAction()
  const rows = query.data
  const removeOne = ({ id, name = '' }: AuthenticationMethod) =>
    act({
      question: { title: text.removeTitle(name), body: text.ends, action: text.removeAction },
      run: () => remove.mutateAsync(id),
      done: text.removed(name),
    })
  const reset = () =>
    act({
      question: { title: text.resetTitle(email), body: text.resetBody, action: text.reset },
      run: () => remove.mutateAsync(undefined),
      done: text.wasReset,
    })
  return (
    <TableSection
      text={text}
      icon="lock"
      query={query}
      rows={rows}
      rowKey={({ id }) => id}
      columns={[
        { key: 'name', header: text.name, render: ({ name, type }) => name ?? type },
        { key: 'kind', header: text.kind, render: ({ type }) => text.kinds[type] },
        { key: 'since', header: text.since, render: ({ created_at }) => <Time value={created_at} /> },
        { key: 'used', header: text.used, render: ({ last_auth_at }) => <Time value={last_auth_at} /> },
      ]}
      remove={mayRemove && { label: ({ name = '' }) => text.remove(name), icon: 'trash', run: removeOne }}
      actions={
        mayRemove && rows && rows.length > 0 && <Button onClick={() => void reset()}>{text.reset}</Button>
      }
    />
  )
}
