import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { DeleteSelected } from '../../shared/bulk/delete-selected.tsx'
import { ExportButtons } from '../../shared/export/export-buttons.tsx'
import { toLines } from '../../shared/export/lines.ts'
import { type ResourceServer, useApis } from '../../shared/management/apis.ts'
import { removals } from '../../shared/management/removals.ts'
import { includesText } from '../../shared/match.ts'
import { ResourceListPage } from '../../shared/pages/resource-list-page.tsx'
import { common } from '../../shared/text.ts'
import { CopyText } from '../../shared/ui/copy-button.tsx'
import type { Column } from '../../shared/ui/table.tsx'
import { Tag } from '../../shared/ui/tag.tsx'
import { useCreating, useFilters } from '../../shared/url-state.ts'
import { CreateApiDialog } from './create-api-dialog.tsx'
import { apis } from './text.ts'

const columns: Column<ResourceServer>[] = [
  {
    key: 'name',
    header: common.name,
    render: ({ id, name, identifier, is_system }) => (
      <span className="row">
        <Link className="table-link" to={id}>
          {name}
        </Link>
        {is_system && <Tag>{common.system}</Tag>}
        <span className="narrow-only dim small">{identifier}</span>
      </span>
    ),
  },
  {
    key: 'identifier',
    header: common.identifier,
    wide: true,
    render: ({ identifier }) => <CopyText value={identifier} what={common.identifier} />,
  },
  { key: 'scopes', header: apis.tabs.permissions, wide: true, render: ({ scopes = [] }) => scopes.length },
  {
    key: 'rbac',
    header: apis.rbac,
    wide: true,
    render: ({ enforce_policies }) => (
      <Tag tone={enforce_policies ? 'ok' : 'plain'}>{enforce_policies ? apis.on : apis.off}</Tag>
    ),
  },
]

/** Without the secret of an API that signs with HS256. */
const exportColumns = [
  'id',
  'name',
  'identifier',
  'scopes',
  'enforce_policies',
  'token_dialect',
  'signing_alg',
  'token_lifetime',
  'token_lifetime_for_web',
  'allow_offline_access',
  'is_system',
]

export function ApiListPage() {
  const can = useCan()
  const [search] = useFilters()
  const query = useApis()
  const rows = query.data?.filter(({ id, name, identifier }) =>
    includesText(`${name} ${identifier} ${id}`, search.get('q') ?? ''),
  )
  const [creating, create, close] = useCreating()
  return (
    <ResourceListPage
      text={apis}
      icon="api"
      query={query}
      rows={rows}
      actions={
        <ExportButtons name="apis" read={async (format) => toLines(rows ?? [], exportColumns, format)} />
      }
      rowKey={({ id }) => id}
      columns={columns}
      bulk={
        can('delete:resource_servers') && {
          nameOf: ({ name }) => name,
          may: ({ is_system }) => !is_system,
          renderActions: (picked, clear) => (
            <DeleteSelected text={apis} picked={picked} clear={clear} removalOf={removals.api} />
          ),
        }
      }
      onCreate={can('create:resource_servers') ? create : undefined}
    >
      <CreateApiDialog opened={creating} onClose={close} />
    </ResourceListPage>
  )
}
