import type { UserGrant } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import { useApis } from '../../shared/management/apis.ts'
import { useRemoveUserGrant, useUserGrants } from '../../shared/management/user-activity.ts'
import { type User } from '../../shared/management/users.ts'
import { TableSection } from '../../shared/pages/table-section.tsx'
import { common } from '../../shared/text.ts'
import { useAction } from '../../shared/ui/use-action.ts'
import { userGrants as text } from './text.ts'
import { useApplicationName } from './use-application-name.ts'

/** The applications that the user allowed on the consent page. */
export function GrantsTab({ user }: { user: User }) {
  const can = useCan()
  const query = useUserGrants(user.user_id)
  const { data: apis } = useApis(can('read:resource_servers'))
  const applicationName = useApplicationName()
  const { mutateAsync } = useRemoveUserGrant(user.user_id)
  const act = useAction()
  const apiName = (audience: string) =>
    audience.endsWith('/userinfo')
      ? text.noApi
      : (apis?.find(({ identifier }) => identifier === audience)?.name ?? audience)
  const remove = ({ id, clientID }: UserGrant) => {
    const name = applicationName(clientID)
    return act({
      question: { title: text.removeTitle(name), body: text.removeBody, action: common.remove },
      run: () => mutateAsync(id),
      done: text.removed(name),
    })
  }
  return (
    <TableSection
      text={text}
      icon="application"
      query={query}
      rows={query.data}
      rowKey={({ id }) => id}
      columns={[
        { key: 'application', header: text.application, render: ({ clientID }) => applicationName(clientID) },
        { key: 'api', header: text.api, render: ({ audience }) => apiName(audience) },
        { key: 'scope', header: text.scope, render: ({ scope }) => <code>{scope.join(' ')}</code> },
      ]}
      remove={
        can('delete:grants') && {
          label: ({ clientID, audience }) => text.remove(applicationName(clientID), apiName(audience)),
          run: remove,
        }
      }
    />
  )
}
