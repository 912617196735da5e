import { ActionIcon } from '@mantine/core'
import type { UserGrant } from '@rolecall/contract'
import { useCan } from '../../shared/auth/session.ts'
import { useApis } from '../../shared/management/apis.ts'
import { type User, useRemoveUserGrant, useUserGrants } from '../../shared/management/users.ts'
import { common } from '../../shared/text.ts'
import { useConfirm } from '../../shared/ui/confirm.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure, useFailure } from '../../shared/ui/failure.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { useApplicationName } from './sessions-tab.tsx'
import { userGrants as text } from './text.ts'

/** The applications that the user allowed on the consent page. */
export function GrantsTab({ user }: { user: User }) {
  const can = useCan()
  const query = useUserGrants(user.user_id)
  const { data: apis } = useApis(can('read:resource_servers'))
  const applicationName = useApplicationName()
  const remove = useRemoval(user, applicationName)
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  const apiName = (audience: string) =>
    audience.endsWith('/userinfo')
      ? text.noApi
      : (apis?.find(({ identifier }) => identifier === audience)?.name ?? audience)
  return (
    <Section title={text.title} description={text.hint}>
      <Table
        label={text.title}
        rows={query.data}
        rowKey={({ id }) => id}
        empty={<EmptyState icon="application" title={text.none} />}
        columns={[
          {
            key: 'application',
            header: text.application,
            render: ({ clientID }) => applicationName(clientID),
          },
          { key: 'api', header: text.api, render: ({ audience }) => apiName(audience) },
          { key: 'scope', header: text.scope, render: ({ scope }) => <code>{scope.join(' ')}</code> },
          {
            key: 'actions',
            header: common.remove,
            headerHidden: true,
            align: 'end',
            render: (grant) =>
              can('delete:grants') && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={text.remove(applicationName(grant.clientID), apiName(grant.audience))}
                  onClick={() => remove(grant)}
                >
                  <Icon name="trash" />
                </ActionIcon>
              ),
          },
        ]}
      />
    </Section>
  )
}

function useRemoval(user: User, nameOf: (clientId: string) => string): (grant: UserGrant) => void {
  const remove = useRemoveUserGrant(user.user_id)
  const confirm = useConfirm()
  const toast = useToast()
  const failed = useFailure()
  const run = async ({ id, clientID }: UserGrant) => {
    const name = nameOf(clientID)
    const question = { title: text.removeTitle(name), body: text.removeBody, action: common.remove }
    if (await confirm(question))
      remove.mutate(id, { onSuccess: () => toast.done(text.removed(name)), onError: failed })
  }
  return (grant) => void run(grant)
}
