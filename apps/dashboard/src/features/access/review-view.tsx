import { Button, NativeSelect } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { flushSync } from 'react-dom'
import { Link, useSearchParams } from 'react-router'
import { downloadText } from '../../shared/env/download.ts'
import { type ResourceServer, useApis } from '../../shared/management/apis.ts'
import { includesText } from '../../shared/match.ts'
import { common } from '../../shared/text.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Pager } from '../../shared/ui/pager.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { type ReviewRow, toCsv } from './review.ts'
import './review.css'
import { access, review as text } from './text.ts'
import { useReview } from './use-review.ts'

/** A table of ten thousand rows takes a browser seconds, and one of a hundred thousand all its memory. */
const rowsAtOnce = 200
const maxPrinted = 5_000

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
  const [{ typed, page, isPrinting }, set] = useState({ typed: '', page: 0, isPrinting: false })
  if (error) return <Failure error={error} onRetry={retry} />
  const found = rows?.filter(({ permission, holder, through = '' }) =>
    includesText(`${permission} ${holder} ${through}`, typed),
  )
  const total = found?.length ?? 0
  const download = () =>
    found && downloadText(`access-review-${at.toISOString().slice(0, 10)}.csv`, toCsv(fileOf(found)))
  const printAll = () => {
    flushSync(() => set({ typed, page, isPrinting: true }))
    print()
    set({ typed, page, isPrinting: false })
  }
  return (
    <>
      <div className="toolbar no-print">
        {choice}
        <SearchField
          label={text.filter}
          value={typed}
          onChange={(value) => set({ typed: value, page: 0, isPrinting: false })}
        />
        <Button disabled={!found} leftSection={<Icon name="download" />} onClick={download}>
          {text.export}
        </Button>
        <Button disabled={!found || total > maxPrinted} onClick={printAll}>
          {text.print}
        </Button>
      </div>
      {total > maxPrinted && <p className="dim small list-hint">{text.tooMany(total)}</p>}
      <p className="print-only">{text.printed(api.name, at)}</p>
      <Table
        label={text.title}
        rows={isPrinting ? found : found?.slice(page * rowsAtOnce, (page + 1) * rowsAtOnce)}
        rowKey={({ permission, holder, kind, through = '' }) =>
          JSON.stringify([permission, holder, kind, through])
        }
        groupOf={({ permission }) => permission}
        empty={
          typed ? (
            <EmptyState icon="search" title={common.noMatch(typed)} />
          ) : (
            <EmptyState icon="key" title={text.none} />
          )
        }
        columns={[
          { key: 'holder', header: text.holder, render: ({ holder }) => <bdi>{holder}</bdi> },
          { key: 'kind', header: text.kind, render: ({ kind }) => text.kinds[kind] },
          { key: 'through', header: text.through, render: throughOf },
        ]}
      />
      <Pager
        page={page}
        size={rowsAtOnce}
        total={total}
        onPage={(chosen) => set({ typed, page: chosen, isPrinting: false })}
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
