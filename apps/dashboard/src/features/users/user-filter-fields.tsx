import { Button, NativeSelect } from '@mantine/core'
import { useCan } from '../../shared/auth/session.ts'
import { useAllConnections } from '../../shared/management/connections.ts'
import { useRoles } from '../../shared/management/roles.ts'
import { logInTimes, type UserFilters, userStatuses } from '../../shared/management/user-filters.ts'
import { PermissionFields } from '../../shared/pages/permission-fields.tsx'
import { useSearchChange, withFilter } from '../../shared/url-state.ts'
import { userFilters as text } from './text.ts'

interface Props {
  filters: UserFilters
  /** @param name as the address has it */
  onChange: (name: string, value: string) => void
}

/** The selects that filter the list of users. */
export function UserFilterFields({ filters, onChange }: Props) {
  const can = useCan()
  const changeSearch = useSearchChange()
  const { text: typed, sort: _sort, ...selected } = filters
  const isFiltered = Object.values(selected).some((value) => value !== '')
  return (
    <>
      {can('read:roles') && <RoleField value={filters.role} onChange={(value) => onChange('role', value)} />}
      {can('read:roles', 'read:resource_servers') && (
        <PermissionFields
          api={filters.api}
          permission={filters.permission}
          anyApi={text.anyApi}
          anyPermission={text.choosePermission}
          onChange={(api, permission) =>
            changeSearch((old) => withFilter(withFilter(old, 'permission', permission), 'api', api), {
              replace: true,
            })
          }
        />
      )}
      {can('read:connections') && (
        <ConnectionField value={filters.connection} onChange={(value) => onChange('connection', value)} />
      )}
      <NativeSelect
        className="filter-select"
        aria-label={text.status}
        value={filters.status}
        data={[
          { value: '', label: text.anyStatus },
          ...userStatuses.map((value) => ({ value, label: text.statuses[value] })),
        ]}
        onChange={({ currentTarget: { value } }) => onChange('status', value)}
      />
      <NativeSelect
        className="filter-select filter-select-wide"
        aria-label={text.logIn}
        value={filters.logIn}
        data={[
          { value: '', label: text.anyLogIn },
          ...logInTimes.map((value) => ({ value, label: text.logIns[value] })),
        ]}
        onChange={({ currentTarget: { value } }) => onChange('login', value)}
      />
      {isFiltered && (
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => changeSearch(() => new URLSearchParams(typed && { q: typed }), { replace: true })}
        >
          {text.clear}
        </Button>
      )}
    </>
  )
}

function RoleField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { data = [] } = useRoles()
  const isUnknown = value !== '' && !data.some(({ id }) => id === value)
  return (
    <NativeSelect
      className="filter-select"
      aria-label={text.role}
      value={value}
      data={[
        { value: '', label: text.anyRole },
        ...(isUnknown ? [{ value, label: value }] : []),
        ...data.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  )
}

/** Shown where there is a choice, or the address names a connection. */
function ConnectionField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { data = [] } = useAllConnections()
  if (data.length < 2 && value === '') return null
  const names = new Set([...data.map(({ name }) => name), ...(value ? [value] : [])])
  return (
    <NativeSelect
      className="filter-select"
      aria-label={text.connection}
      value={value}
      data={[{ value: '', label: text.anyConnection }, ...names]}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  )
}
