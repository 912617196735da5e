import { NativeSelect } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { type ResourceServer, useApis } from '../../shared/management/apis.ts'
import { type Role, useRoles, useRolesOfApi } from '../../shared/management/roles.ts'
import { includesText } from '../../shared/match.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Pager } from '../../shared/ui/pager.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { AccessGrid } from './access-grid.tsx'
import { access } from './text.ts'
import { useFitting } from './use-fitting.ts'

/** So many rows are drawn at once; the rest is a page away. */
const permissionsAtOnce = 100

export function GridView() {
  const [search, setSearch] = useSearchParams()
  const apis = useApis()
  const roles = useRoles()
  if (apis.error || roles.error || !apis.data || !roles.data)
    return <Loading error={apis.error ?? roles.error} retry={[apis, roles]} />
  const api = apis.data.find(({ id }) => id === search.get('api')) ?? firstOwn(apis.data)
  if (!api)
    return <EmptyState icon="api" title={access.noApi} action={<Link to="/apis">{access.toApis}</Link>} />
  const choice = (
    <NativeSelect
      aria-label={access.api}
      value={api.id}
      data={apis.data.map(({ id, name }) => ({ value: id, label: name }))}
      onChange={({ currentTarget: { value } }) => setSearch({ api: value })}
    />
  )
  if (!api.scopes?.length)
    return <Nothing choice={choice} of="permissions" link={`/apis/${api.id}/permissions`} />
  if (roles.data.length === 0) return <Nothing choice={choice} of="roles" link="/roles" />
  return <GridOf key={api.id} api={api} permissions={api.scopes} roles={roles.data} choice={choice} />
}

const firstOwn = (apis: ResourceServer[]) => apis.find(({ is_system }) => !is_system)

function Loading({ error, retry }: { error: Error | null; retry: { refetch: () => unknown }[] }) {
  if (!error) return <LinesSkeleton />
  return <Failure error={error} onRetry={() => retry.forEach(({ refetch }) => void refetch())} />
}

function Nothing({ choice, of, link }: { choice: ReactNode; of: 'permissions' | 'roles'; link: string }) {
  const { icon, title, body, action } = access.missing[of]
  return (
    <>
      <div className="toolbar">{choice}</div>
      <EmptyState icon={icon} title={title} action={<Link to={link}>{action}</Link>}>
        {body}
      </EmptyState>
    </>
  )
}

interface GridProps {
  api: ResourceServer
  permissions: NonNullable<ResourceServer['scopes']>
  roles: Role[]
  /** The choice of the API. */
  choice: ReactNode
}

function GridOf({ api, permissions, roles, choice }: GridProps) {
  const held = useRolesOfApi(api.id)
  const rows = useFilteredPage(
    permissions,
    permissionsAtOnce,
    ({ value, description }) => `${value} ${description}`,
  )
  const { frame, columns: rolesAtOnce } = useFitting()
  const columns = useFilteredPage(roles, rolesAtOnce, ({ name }) => name)
  return (
    <>
      <div className="toolbar access-toolbar">
        {choice}
        <SearchField label={access.filterPermissions} value={rows.typed} onChange={rows.setTyped} />
        {roles.length > rolesAtOnce && (
          <SearchField label={access.filterRoles} value={columns.typed} onChange={columns.setTyped} />
        )}
        <Pager
          what={access.roles}
          page={columns.page}
          size={rolesAtOnce}
          total={columns.total}
          onPage={columns.setPage}
        />
      </div>
      <div ref={frame} className="access-measure">
        <Loaded query={held}>
          {(holders) =>
            rows.total > 0 &&
            columns.total > 0 && (
              <AccessGrid
                key={`${rows.page} ${columns.page}`}
                api={api}
                permissions={rows.shown}
                roles={columns.shown}
                held={holders}
              />
            )
          }
        </Loaded>
      </div>
      <Pager
        what={access.permissions}
        page={rows.page}
        size={permissionsAtOnce}
        total={rows.total}
        onPage={rows.setPage}
      />
    </>
  )
}

/**
 * A page of the items that match what was typed. Typing starts at the first page. When the size of a page changes, the
 * item that was its first one is shown.
 */
function useFilteredPage<Item>(all: readonly Item[], size: number, textOf: (item: Item) => string) {
  const [{ typed, first }, set] = useState({ typed: '', first: 0 })
  const page = Math.floor(first / size)
  const found = all.filter((item) => includesText(textOf(item), typed))
  return {
    typed,
    page,
    total: found.length,
    shown: found.slice(page * size, (page + 1) * size),
    setTyped: (text: string) => set({ typed: text, first: 0 }),
    setPage: (chosen: number) => set({ typed, first: chosen * size }),
  }
}
