import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useApis } from '../../shared/management/apis.ts'
import { useRoles, useRolesOfApi } from '../../shared/management/roles.ts'
import { includesText } from '../../shared/match.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { Pager } from '../../shared/ui/pager.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { AccessGrid } from './access-grid.tsx'
import { access } from './text.ts'

/** So many columns and rows are drawn at once; the rest is a page away. */
const rolesAtOnce = 12
const permissionsAtOnce = 100

export function GridView() {
  const [search, setSearch] = useSearchParams()
  const apis = useApis()
  const roles = useRoles()
  const api =
    apis.data?.find(({ id }) => id === search.get('api')) ?? apis.data?.find(({ is_system }) => !is_system)
  const held = useRolesOfApi(api?.id)
  const [permissionFilter, setPermissionFilter] = useState('')
  const [roleFilter, setRoleFilter] = useState('')
  const [rolePage, setRolePage] = useState(0)
  const [permissionPage, setPermissionPage] = useState(0)

  const failure = apis.error ?? roles.error ?? held.error
  if (failure)
    return (
      <Failure
        error={failure}
        onRetry={() => void Promise.all([apis.refetch(), roles.refetch(), held.refetch()])}
      />
    )
  if (!apis.data || !roles.data) return <LinesSkeleton />
  if (!api)
    return <EmptyState icon="api" title={access.noApi} action={<Link to="/apis">{access.toApis}</Link>} />
  const permissions = matching(
    api.scopes ?? [],
    ({ value, description }) => `${value} ${description}`,
    permissionFilter,
  )
  const columns = matching(roles.data, ({ name }) => name, roleFilter)
  return (
    <>
      <div className="toolbar">
        <NativeSelect
          aria-label={access.api}
          value={api.id}
          data={apis.data.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={({ currentTarget: { value } }) => {
            setSearch({ api: value })
            setPermissionPage(0)
          }}
        />
        <SearchField
          label={access.filterPermissions}
          value={permissionFilter}
          onChange={(text) => {
            setPermissionFilter(text)
            setPermissionPage(0)
          }}
        />
        {roles.data.length > rolesAtOnce && (
          <SearchField
            label={access.filterRoles}
            value={roleFilter}
            onChange={(text) => {
              setRoleFilter(text)
              setRolePage(0)
            }}
          />
        )}
        <Pager
          what={access.roles}
          page={rolePage}
          size={rolesAtOnce}
          total={columns.length}
          onPage={setRolePage}
        />
      </div>
      {(api.scopes ?? []).length === 0 && (
        <EmptyState
          icon="key"
          title={access.noPermissions}
          action={<Link to={`/apis/${api.id}/permissions`}>{access.toPermissions}</Link>}
        >
          {access.noPermissionsBody}
        </EmptyState>
      )}
      {roles.data.length === 0 && (
        <EmptyState icon="role" title={access.noRoles} action={<Link to="/roles">{access.toRoles}</Link>}>
          {access.noRolesBody}
        </EmptyState>
      )}
      {permissions.length > 0 && columns.length > 0 && !held.data && <LinesSkeleton />}
      {permissions.length > 0 && columns.length > 0 && held.data && (
        <>
          <AccessGrid
            key={`${api.id} ${rolePage} ${permissionPage}`}
            api={api}
            permissions={slice(permissions, permissionPage, permissionsAtOnce)}
            roles={slice(columns, rolePage, rolesAtOnce)}
            held={held.data}
          />
          <Pager
            what={access.permissions}
            page={permissionPage}
            size={permissionsAtOnce}
            total={permissions.length}
            onPage={setPermissionPage}
          />
        </>
      )}
    </>
  )
}

function matching<T>(all: T[], text: (item: T) => string, filter: string): T[] {
  return all.filter((item) => includesText(text(item), filter))
}

function slice<T>(all: T[], page: number, size: number): T[] {
  return all.slice(page * size, (page + 1) * size)
}
