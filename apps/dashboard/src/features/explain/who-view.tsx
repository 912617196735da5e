import { Button } from '@mantine/core'
import type { PermissionClient, PermissionUser } from '@rolecall/contract'
import { useState } from 'react'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { explainLinks } from '../../shared/explain-links.ts'
import { ExportButtons } from '../../shared/export/export-buttons.tsx'
import { toLines } from '../../shared/export/lines.ts'
import { type ResourceServer, useApis } from '../../shared/management/apis.ts'
import {
  holderExportColumns,
  useMayAsk,
  usePermissionClients,
  usePermissionUsers,
  useReadHolders,
} from '../../shared/management/explain.ts'
import { pageSize } from '../../shared/management/lists.ts'
import { PermissionFields } from '../../shared/pages/permission-fields.tsx'
import { TableSection } from '../../shared/pages/table-section.tsx'
import { common } from '../../shared/text.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Pager } from '../../shared/ui/pager.tsx'
import { PersonLink } from '../../shared/ui/person.tsx'
import { Sources } from '../../shared/ui/sources.tsx'
import type { Column } from '../../shared/ui/table.tsx'
import { Callout, Tag } from '../../shared/ui/tag.tsx'
import { usePage } from '../../shared/url-state.ts'
import { fields, who as text } from './text.ts'
import { useAsked } from './use-asked.ts'

interface Permission {
  api: string
  permission: string
}

/** Who can do this: the users and the applications that have a permission, and through what. */
export function WhoView() {
  const can = useCan()
  const [{ api, permission }, ask] = useAsked()
  const apis = useApis()
  const chosen = apis.data?.find(({ identifier }) => identifier === api)
  return (
    <>
      <div className="toolbar explain-fields">
        <PermissionFields
          api={api}
          permission={permission}
          anyApi={fields.chooseApi}
          anyPermission={fields.choosePermission}
          onChange={(chosenApi, chosenPermission) => ask({ api: chosenApi, permission: chosenPermission })}
        />
      </div>
      {api && permission ? (
        <>
          {chosen && <Policy api={chosen} />}
          <Users api={api} permission={permission} />
          {can('read:clients', 'read:client_grants') && (
            <Applications key={`${api} ${permission}`} api={api} permission={permission} />
          )}
        </>
      ) : (
        <EmptyState icon="key" title={text.chooseTitle}>
          {text.chooseBody}
        </EmptyState>
      )}
    </>
  )
}

/** Without RBAC the lists limit nothing. */
function Policy({ api: { id, name, enforce_policies } }: { api: ResourceServer }) {
  if (enforce_policies) return null
  return (
    <Callout tone="warn">
      {text.unlimited(name)} <Link to={`/apis/${id}/settings`}>{text.toSettings}</Link>
    </Callout>
  )
}

function Users(of: Permission) {
  const [page, setPage] = usePage()
  const query = usePermissionUsers(of, page)
  const readHolders = useReadHolders()
  const { may } = useMayAsk()
  const why: Column<PermissionUser> = {
    key: 'why',
    header: text.why,
    headerHidden: true,
    align: 'end',
    render: ({ user_id, email }) => (
      <Link to={explainLinks.may({ user: user_id, ...of })} aria-label={text.whyOf(email)}>
        {text.why}
      </Link>
    ),
  }
  return (
    <TableSection
      text={text.users}
      icon="user"
      query={query}
      rows={query.data?.items}
      rowKey={({ user_id }) => user_id}
      actions={
        <>
          {query.data?.total !== 0 && (
            <ExportButtons
              name="holders"
              read={async (format) => toLines(await readHolders(of), holderExportColumns, format)}
            />
          )}
          <Button component={Link} to={`/users?${new URLSearchParams({ ...of })}`}>
            {text.users.inList}
          </Button>
        </>
      }
      columns={[
        {
          key: 'user',
          header: common.email,
          render: (user) => (
            <span className="row">
              <PersonLink {...user} />
              {user.blocked && <Tag tone="danger">{text.blocked}</Tag>}
            </span>
          ),
        },
        { key: 'from', header: fields.from, render: (user) => <Sources sources={sourcesOf(user)} /> },
        ...(may ? [why] : []),
      ]}
    >
      <Pager page={page} size={pageSize} total={query.data?.total ?? 0} onPage={setPage} />
    </TableSection>
  )
}

const sourcesOf = ({ roles, direct }: PermissionUser) => [
  ...roles.map(({ id, name }) => ({ source_id: id, source_name: name, source_type: 'ROLE' as const })),
  ...(direct ? [{ source_id: '', source_name: '', source_type: 'DIRECT' as const }] : []),
]

function Applications(of: Permission) {
  const [page, setPage] = useState(0)
  const query = usePermissionClients(of, page)
  const { may } = useMayAsk()
  const why: Column<PermissionClient> = {
    key: 'why',
    header: text.why,
    headerHidden: true,
    align: 'end',
    render: ({ client_id, name, subject_type }) =>
      subject_type === 'client' && (
        <Link to={explainLinks.may({ client: client_id, ...of })} aria-label={text.whyOf(name)}>
          {text.why}
        </Link>
      ),
  }
  return (
    <TableSection
      text={text.applications}
      icon="application"
      query={query}
      rows={query.data?.items}
      rowKey={({ grant_id }) => grant_id}
      columns={[
        {
          key: 'name',
          header: common.name,
          render: ({ client_id, name }) => (
            <Link className="table-link" to={`/applications/${client_id}/apis`}>
              {name}
            </Link>
          ),
        },
        {
          key: 'for',
          header: text.grantFor,
          render: ({ subject_type, all_scopes }) =>
            `${text.subjects[subject_type]}${all_scopes ? `, ${text.allScopes}` : ''}`,
        },
        ...(may ? [why] : []),
      ]}
    >
      <Pager
        what={text.applications.title}
        page={page}
        size={pageSize}
        total={query.data?.total ?? 0}
        onPage={setPage}
      />
    </TableSection>
  )
}
