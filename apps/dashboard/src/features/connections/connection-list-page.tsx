import { Link, useSearchParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { type Connection, defaultConnection, useAllConnections } from '../../shared/management/connections.ts'
import { byName, includesText } from '../../shared/match.ts'
import { ResourceListPage } from '../../shared/pages/resource-list-page.tsx'
import { common, number } from '../../shared/text.ts'
import type { Column } from '../../shared/ui/table.tsx'
import { CreateConnectionDialog } from './create-connection-dialog.tsx'
import { presetNames } from './presets.ts'
import { connections as text } from './text.ts'

const columns: Column<Connection>[] = [
  {
    key: 'name',
    header: common.name,
    render: ({ id, name }) => (
      <Link className="table-link" to={name === defaultConnection ? '/settings/log-in' : id}>
        {name}
      </Link>
    ),
  },
  {
    key: 'type',
    header: text.type,
    render: ({ strategy }) => typeName(strategy),
  },
  {
    key: 'provider',
    header: text.provider,
    wide: true,
    render: ({ options: { discovery_url: url, issuer } }) => {
      const address = url || issuer
      return address ? <code>{URL.parse(address)?.host ?? address}</code> : null
    },
  },
  {
    key: 'applications',
    header: text.applications,
    align: 'end',
    wide: true,
    width: '120px',
    render: ({ enabled_clients: clients }) => number(clients.length),
  },
]

export const typeName = (strategy: string): string =>
  isKnown(strategy) ? text.strategies[strategy] : strategy

const isKnown = (strategy: string): strategy is keyof typeof text.strategies =>
  Object.hasOwn(text.strategies, strategy)

export function ConnectionListPage() {
  const can = useCan()
  const [search, setSearch] = useSearchParams()
  const query = useAllConnections()
  const rows = query.data
    ?.filter(({ name, id }) => includesText(`${name} ${id}`, search.get('q') ?? ''))
    .toSorted(byName(({ name }) => name))
  const preset = presetNames.find((each) => each === search.get('create'))
  return (
    <ResourceListPage
      text={text}
      icon="connection"
      query={query}
      rows={rows}
      rowKey={({ id }) => id}
      columns={columns}
      onCreate={can('create:connections') ? () => setSearch({ create: 'oidc' }) : undefined}
    >
      {preset && <CreateConnectionDialog preset={preset} onClose={() => setSearch({}, { replace: true })} />}
    </ResourceListPage>
  )
}
