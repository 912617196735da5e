import { explainLinks } from '../../shared/explain-links.ts'
import { useApis } from '../../shared/management/apis.ts'
import { useGrants } from '../../shared/management/applications.ts'
import { useExplanation } from '../../shared/management/explain.ts'
import { permissionKey } from '../../shared/management/roles.ts'
import { useUser, useUserPermissions } from '../../shared/management/users.ts'
import { PermissionFields } from '../../shared/pages/permission-fields.tsx'
import { PermissionTable } from '../../shared/pages/permission-table.tsx'
import { UserField } from '../../shared/pages/user-field.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Sources } from '../../shared/ui/sources.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import { ApplicationField } from './application-field.tsx'
import { ExplanationView } from './explanation-view.tsx'
import { fields, may as text } from './text.ts'
import { useAsked } from './use-asked.ts'

/** What may a user, an application, or a user through an application do, and why? */
export function MayView() {
  const [asked, ask] = useAsked()
  const { user, client, api, permission } = asked
  return (
    <>
      <div className="toolbar explain-fields">
        <UserField
          chosen={user || undefined}
          prompt={client ? fields.noUser : fields.chooseUser}
          onChoose={(id) => ask({ user: id })}
        />
        <ApplicationField
          chosen={client}
          prompt={user ? fields.anyApplication : fields.chooseApplication}
          onChoose={(id) => ask({ client: id })}
        />
        <PermissionFields
          api={api}
          permission={permission}
          anyApi={fields.anyApi}
          anyPermission={fields.anyPermission}
          onChange={(chosenApi, chosen) => ask({ api: chosenApi, permission: chosen })}
        />
      </div>
      <Answer {...asked} />
    </>
  )
}

function Answer({ user, client, api, permission }: ReturnType<typeof useAsked>[0]) {
  if (!user && !client)
    return (
      <EmptyState icon="question" title={text.chooseTitle}>
        {text.chooseBody}
      </EmptyState>
    )
  if (api && permission) return <Why user={user} client={client} api={api} permission={permission} />
  return user ? (
    <PermissionsOfUser user={user} client={client} api={api} />
  ) : (
    <PermissionsOfApplication client={client} api={api} />
  )
}

function Why({ user, client, api, permission }: ReturnType<typeof useAsked>[0]) {
  const query = useExplanation({
    ...(user && { user_id: user }),
    ...(client && { client_id: client }),
    api,
    permission,
  })
  return (
    <Loaded query={query}>
      {(explanation) => <ExplanationView explanation={explanation} permission={permission} />}
    </Loaded>
  )
}

function PermissionsOfUser({ user, client, api }: { user: string; client: string; api: string }) {
  const query = useUserPermissions(user)
  const account = useUser(user)
  const apis = useApis()
  const unlimited = apis.data?.filter(
    ({ enforce_policies, identifier }) => !enforce_policies && (!api || identifier === api),
  )
  return (
    <>
      {account.data?.value.blocked && <Callout tone="warn">{text.blocked}</Callout>}
      {unlimited && unlimited.length > 0 && (
        <Callout>{text.unlimited(unlimited.map(({ name }) => name))}</Callout>
      )}
      <PermissionTable
        text={text.ofUser}
        query={query}
        rows={query.data?.filter(({ resource_server_identifier: of }) => !api || of === api)}
        rowKey={permissionKey}
        nameOf={({ permission_name }) => permission_name}
        groupOf={({ resource_server_name, resource_server_identifier }) =>
          `${resource_server_name} · ${resource_server_identifier}`
        }
        question={{
          kind: 'why',
          at: ({ resource_server_identifier, permission_name: permission }) =>
            explainLinks.may({ user, client, api: resource_server_identifier, permission }),
        }}
        columns={[
          { key: 'source', header: fields.from, render: ({ sources }) => <Sources sources={sources} /> },
        ]}
      />
    </>
  )
}

function PermissionsOfApplication({ client, api }: { client: string; api: string }) {
  const apis = useApis()
  const query = useGrants({ client_id: client })
  const rows = query.data
    ?.filter(({ subject_type, audience }) => subject_type === 'client' && (!api || audience === api))
    .flatMap(({ audience, scope, allow_all_scopes }) => {
      const of = apis.data?.find(({ identifier }) => identifier === audience)
      const descriptions = new Map(of?.scopes?.map(({ value, description }) => [value, description]))
      const granted = allow_all_scopes ? [...descriptions.keys()] : scope
      return granted.map((permission) => ({
        api: audience,
        apiName: of?.name ?? audience,
        permission,
        description: descriptions.get(permission) ?? '',
      }))
    })
  return (
    <PermissionTable
      text={text.ofApplication}
      query={query}
      rows={apis.data && rows}
      rowKey={(row) => `${row.api} ${row.permission}`}
      nameOf={({ permission }) => permission}
      groupOf={(row) => `${row.apiName} · ${row.api}`}
      question={{
        kind: 'why',
        at: ({ api: of, permission }) => explainLinks.may({ client, api: of, permission }),
      }}
      columns={[]}
    />
  )
}
