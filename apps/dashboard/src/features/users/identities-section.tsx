import { useCan } from '../../shared/auth/session.ts'
import { type Identity, type User, useUnlinkIdentity, useUser } from '../../shared/management/users.ts'
import { TableSection } from '../../shared/pages/table-section.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { userIdentities as text } from './text.ts'

/** The accounts that a user logs in with. The first one is the user's own, and stays. */
export function IdentitiesSection({ user: { user_id: id, email } }: { user: User }) {
  const can = useCan()
  const query = useUser(id)
  const identities = query.data?.value.identities
  const unlink = useUnlinkIdentity(id)
  const act = useAction()
  const remove = (identity: Identity) =>
    act({
      question: {
        title: text.unlinkTitle(identity.connection, email),
        body: text.unlinkBody,
        action: text.unlinkAction,
      },
      run: () => unlink.mutateAsync(identity),
      done: text.unlinked(identity.connection),
    })
  return (
    <TableSection
      text={text}
      icon="connection"
      query={query}
      rows={identities}
      rowKey={(identity) => `${identity.connection} ${identity.user_id}`}
      columns={[
        { key: 'connection', header: text.connection, render: ({ connection }) => connection },
        { key: 'id', header: text.id, wide: true, render: ({ user_id: subject }) => <code>{subject}</code> },
      ]}
      remove={
        can('update:users') && {
          label: ({ connection }) => text.unlink(connection),
          may: (identity) => identity !== identities?.[0],
          run: remove,
        }
      }
    />
  )
}
