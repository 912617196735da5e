import { Checkbox, NativeSelect } from '@mantine/core'
import { type Role, useRolePermissions, useRoles } from '../../shared/management/roles.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Page, Section } from '../../shared/ui/page.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { useFilters } from '../../shared/url-state.ts'
import { type Compared, compareRoles } from './comparison.ts'
import { roles as rolesText, comparison as text } from './text.ts'

/** What one role holds that another does not. The address names both. */
export function ComparePage() {
  const query = useRoles()
  const [search, setFilter] = useFilters()
  const [first, second] = [search.get('a') ?? '', search.get('b') ?? '']
  return (
    <Page title={text.title} subtitle={text.subtitle} back={{ to: '/roles', label: rolesText.title }}>
      <Loaded query={query}>
        {(roles) => (
          <>
            <div className="toolbar">
              <RoleField
                label={text.first}
                value={first}
                roles={roles}
                onChange={(id) => setFilter('a', id)}
              />
              <RoleField
                label={text.second}
                value={second}
                roles={roles}
                onChange={(id) => setFilter('b', id)}
              />
              <Checkbox
                label={text.showAll}
                checked={search.has('all')}
                onChange={({ currentTarget }) => setFilter('all', currentTarget.checked ? 'true' : '')}
              />
            </div>
            <Compare
              first={roles.find(({ id }) => id === first)}
              second={roles.find(({ id }) => id === second)}
              showAll={search.has('all')}
            />
          </>
        )}
      </Loaded>
    </Page>
  )
}

interface FieldProps {
  label: string
  value: string
  roles: Role[]
  onChange: (id: string) => void
}

function RoleField({ label, value, roles, onChange }: FieldProps) {
  return (
    <NativeSelect
      className="name-select"
      aria-label={label}
      value={value}
      data={[{ value: '', label: text.choose }, ...roles.map(({ id, name }) => ({ value: id, label: name }))]}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  )
}

interface CompareProps {
  first: Role | undefined
  second: Role | undefined
  showAll: boolean
}

function Compare({ first, second, showAll }: CompareProps) {
  const held = [useRolePermissions(first?.id), useRolePermissions(second?.id)]
  if (!first || !second) return <EmptyState icon="role" title={text.chooseTwo} />
  const failed = held.find(({ error }) => error)
  if (failed?.error) return <Failure error={failed.error} onRetry={() => void failed.refetch()} />
  const [ofFirst, ofSecond] = held.map(({ data }) => data)
  if (!ofFirst || !ofSecond) return <LinesSkeleton />
  const { rows, onlyFirst, onlySecond, both } = compareRoles(ofFirst, ofSecond)
  return (
    <Section
      title={text.resultTitle(first.name, second.name)}
      description={text.result(first.name, onlyFirst, second.name, onlySecond, both)}
    >
      <Table
        label={text.resultTitle(first.name, second.name)}
        rows={showAll ? rows : rows.filter((row) => row.inFirst !== row.inSecond)}
        rowKey={(row) => `${row.resource_server_identifier} ${row.permission_name}`}
        groupOf={apiOf}
        columns={[
          {
            key: 'permission',
            header: text.permission,
            render: ({ permission_name, description }) => (
              <>
                <code>{permission_name}</code> <span className="dim small">{description}</span>
              </>
            ),
          },
          { key: 'first', header: first.name, render: ({ inFirst }) => <Mark isHeld={inFirst} /> },
          { key: 'second', header: second.name, render: ({ inSecond }) => <Mark isHeld={inSecond} /> },
        ]}
        empty={<EmptyState icon="check" title={text.same} />}
      />
    </Section>
  )
}

const apiOf = ({ resource_server_name, resource_server_identifier }: Compared) =>
  `${resource_server_name} · ${resource_server_identifier}`

function Mark({ isHeld }: { isHeld: boolean }) {
  return isHeld ? (
    <>
      <Icon name="check" />
      <span className="visually-hidden">{text.held}</span>
    </>
  ) : (
    <span className="dim">
      <span aria-hidden="true">–</span>
      <span className="visually-hidden">{text.notHeld}</span>
    </span>
  )
}
