import { Button, NativeSelect } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { downloadText } from '../../shared/env/download.ts'
import { type ResourceServer, useApis } from '../../shared/management/apis.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { type ReviewRow, toCsv } from './review.ts'
import './review.css'
import { access, review as text } from './text.ts'
import { useReview } from './use-review.ts'

/** An access review: API × permission × who holds it and through what, to print or to export. */
export function ReviewView() {
  const [search, setSearch] = useSearchParams()
  const apis = useApis()
  return (
    <Loaded query={apis}>
      {(all) => {
        const chosen = all.find(({ id }) => id === search.get('api')) ?? all[0]
        if (!chosen)
          return (
            <EmptyState icon="api" title={access.noApi} action={<Link to="/apis">{access.toApis}</Link>} />
          )
        return (
          <ReviewOf
            key={chosen.id}
            api={chosen}
            choice={
              <NativeSelect
                aria-label={access.api}
                value={chosen.id}
                data={all.map(({ id, name }) => ({ value: id, label: name }))}
                onChange={({ currentTarget: { value } }) => setSearch({ api: value })}
              />
            }
          />
        )
      }}
    </Loaded>
  )
}

function ReviewOf({ api, choice }: { api: ResourceServer; choice: ReactNode }) {
  const { rows, error, retry } = useReview(api)
  const [at] = useState(() => new Date())
  if (error) return <Failure error={error} onRetry={retry} />
  const download = () =>
    rows && downloadText(`access-review-${at.toISOString().slice(0, 10)}.csv`, toCsv(fileOf(rows)))
  return (
    <>
      <div className="toolbar no-print">
        {choice}
        <Button disabled={!rows} leftSection={<Icon name="download" />} onClick={download}>
          {text.export}
        </Button>
        <Button disabled={!rows} onClick={() => print()}>
          {text.print}
        </Button>
      </div>
      <p className="print-only">{text.printed(api.name, at)}</p>
      <Table
        label={text.title}
        rows={rows}
        rowKey={({ permission, holder, kind, through = '' }) =>
          JSON.stringify([permission, holder, kind, through])
        }
        groupOf={({ permission }) => permission}
        empty={<EmptyState icon="key" title={text.none} />}
        columns={[
          { key: 'holder', header: text.holder, render: ({ holder }) => <bdi>{holder}</bdi> },
          { key: 'kind', header: text.kind, render: ({ kind }) => text.kinds[kind] },
          { key: 'through', header: text.through, render: throughOf },
        ]}
      />
    </>
  )
}

const throughOf = ({ kind, through }: ReviewRow): string =>
  through ?? (kind === 'application' ? text.grant : access.direct)

const fileOf = (rows: ReviewRow[]): string[][] => [
  [access.api, access.permission, text.holder, text.kind, text.through],
  ...rows.map((row) => [row.api, row.permission, row.holder, text.kinds[row.kind], throughOf(row)]),
]
