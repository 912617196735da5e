import { Button, Checkbox, FileInput, NativeSelect, Progress } from '@mantine/core'
import type { JobError, JobWire } from '@rolecall/contract'
import { useState } from 'react'
import { Link } from 'react-router'
import { ApiError } from '../../shared/api/api-error.ts'
import { useCan } from '../../shared/auth/session.ts'
import { ExportButtons } from '../../shared/export/export-buttons.tsx'
import { toLines } from '../../shared/export/lines.ts'
import { useDatabases } from '../../shared/management/connections.ts'
import {
  useImport,
  useImportErrors,
  useImportUsers,
  useLatestImport,
} from '../../shared/management/imports.ts'
import { common } from '../../shared/text.ts'
import { useFailure } from '../../shared/ui/failure.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Page, Section } from '../../shared/ui/page.tsx'
import { type Column, Table } from '../../shared/ui/table.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import { useFilters } from '../../shared/url-state.ts'
import { userImport as text, users } from './text.ts'

const shownErrors = 100

/** Imports users from a file. The address has the job, so that the page can be left and opened again meanwhile. */
export function ImportPage() {
  const can = useCan()
  const [search, setFilter] = useFilters()
  const id = search.get('job') ?? undefined
  const latest = useLatestImport()
  return (
    <Page title={text.title} subtitle={text.subtitle} back={{ to: '/users', label: users.title }}>
      {id !== undefined && <Report id={id} onAnother={() => setFilter('job', '')} />}
      {id === undefined && latest !== undefined && (
        <Callout>
          {text.latest} <Link to={`?job=${encodeURIComponent(latest)}`}>{text.showLatest}</Link>
        </Callout>
      )}
      {id === undefined && can('create:users') && (
        <Upload onStarted={(started) => setFilter('job', started)} />
      )}
      {id === undefined && !can('create:users') && <Callout>{common.notAllowed}</Callout>}
    </Page>
  )
}

function Upload({ onStarted }: { onStarted: (id: string) => void }) {
  const connections = useDatabases()
  const upload = useImportUsers()
  const failed = useFailure()
  const [file, setFile] = useState<File | null>(null)
  const [connection, setConnection] = useState('')
  const [upsert, setUpsert] = useState(false)
  const [isMissing, setMissing] = useState(false)
  const connectionId = connection || (connections.data?.[0]?.id ?? '')
  const start = () => {
    setMissing(file === null)
    if (!file || upload.isPending) return
    // Not called after the page was left: it would bring the person back.
    upload.mutate(
      { file, connectionId, upsert },
      { onSuccess: ({ id }) => onStarted(id), onError: (error) => failed(error) },
    )
  }
  return (
    <Section>
      <form
        noValidate
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          start()
        }}
      >
        <FileInput
          label={text.file}
          description={text.fileHint}
          placeholder={text.noFile}
          accept=".json,.jsonl,.ndjson,.gz,application/json,application/gzip"
          value={file}
          error={isMissing && !file && text.chooseFile}
          onChange={setFile}
        />
        {(connections.data?.length ?? 0) > 1 && (
          <NativeSelect
            label={text.connection}
            value={connectionId}
            data={connections.data?.map(({ id, name }) => ({ value: id, label: name })) ?? []}
            onChange={({ currentTarget }) => setConnection(currentTarget.value)}
          />
        )}
        <Checkbox
          label={text.upsert}
          description={text.upsertHint}
          checked={upsert}
          onChange={({ currentTarget }) => setUpsert(currentTarget.checked)}
        />
        <p className="dim small">{text.guide}</p>
        <div className="row-end">
          <Button type="submit" variant="filled" loading={upload.isPending} disabled={connectionId === ''}>
            {text.run}
          </Button>
        </div>
      </form>
    </Section>
  )
}

function Report({ id, onAnother }: { id: string; onAnother: () => void }) {
  const query = useImport(id)
  return (
    <Loaded query={query}>
      {(job) => (
        <>
          <Section title={text.states[job.status]}>
            <Progress
              aria-label={text.progress}
              value={job.status === 'completed' ? 100 : (job.percentage_done ?? 0)}
              animated={job.status === 'processing'}
            />
            <Summary job={job} />
          </Section>
          <Refused job={job} />
          {(job.status === 'completed' || job.status === 'failed') && (
            <Button onClick={onAnother}>{text.another}</Button>
          )}
        </>
      )}
    </Loaded>
  )
}

function Summary({ job: { summary, status, status_details } }: { job: JobWire }) {
  return (
    <>
      <p aria-live="polite">
        {summary && text.counts(summary.total, summary.inserted, summary.updated, summary.failed)}
      </p>
      {summary?.total === 0 && status === 'completed' && <Callout>{text.noUsers}</Callout>}
      {status === 'failed' && status_details && <Callout tone="danger">{status_details}</Callout>}
    </>
  )
}

const exportColumns = ['user', 'reason']

type Refusal = {
  key: string
  user: string
  reason: string
}

const columns: Column<Refusal>[] = [
  { key: 'user', header: text.user, width: '40%', render: ({ user }) => user },
  { key: 'reason', header: text.reason, render: ({ reason }) => reason },
]

function Refused({ job: { id, summary, status } }: { job: JobWire }) {
  const failures = summary?.failed ?? 0
  const hasErrors = failures > 0 && (status === 'completed' || status === 'failed')
  const query = useImportErrors(id, hasErrors)
  if (!hasErrors) return null
  return (
    <Section title={text.refused} {...(failures > shownErrors && { description: text.more(shownErrors) })}>
      <Loaded query={query}>
        {(errors) => (
          <>
            <Table
              label={text.refused}
              columns={columns}
              rows={errors.slice(0, shownErrors).map(refusalOf)}
              rowKey={({ key }) => key}
              empty={null}
            />
            <div className="row-end">
              <ExportButtons
                name="refused-users"
                read={async (format) => toLines(errors.map(refusalOf), exportColumns, format)}
              />
            </div>
          </>
        )}
      </Loaded>
    </Section>
  )
}

const refusalOf = ({ user, errors }: JobError, index: number): Refusal => ({
  key: String(index),
  user: [user['email'], user['username'], user['user_id']].find((name) => typeof name === 'string') ?? '',
  reason: errors.map(reasonOf).join(' '),
})

function reasonOf({ message, path }: JobError['errors'][number]): string {
  const { field, explanation } = new ApiError(400, message)
  const name = field?.name || path
  return name ? `${name}: ${explanation}` : explanation
}
