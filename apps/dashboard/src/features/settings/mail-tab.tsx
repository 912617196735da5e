import { Button } from '@mantine/core'
import type { OutboxMail } from '@rolecall/contract'
import { useState } from 'react'
import { pageSize } from '../../shared/management/lists.ts'
import { TableSection } from '../../shared/pages/table-section.tsx'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { Pager } from '../../shared/ui/pager.tsx'
import { Tag } from '../../shared/ui/tag.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { usePage } from '../../shared/url-state.ts'
import { useOutbox } from './settings-queries.ts'
import { mail as text } from './text.ts'

const tones = { kept: 'plain', waiting: 'warn', sent: 'ok', failed: 'danger' } as const

export function MailTab() {
  const [page, setPage] = usePage()
  const query = useOutbox(page)
  const [open, setOpen] = useState<OutboxMail>()
  return (
    <TableSection
      text={text}
      icon="mail"
      query={query}
      rows={query.data?.items}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'when',
          header: text.when,
          wide: true,
          render: ({ created_at }) => <Time value={created_at} />,
        },
        { key: 'to', header: text.to, wide: true, render: ({ to }) => to },
        {
          key: 'subject',
          header: text.subject,
          render: (mail) => (
            <>
              <Button
                className="text-button"
                variant="transparent"
                size="compact-sm"
                aria-label={text.open(mail.subject)}
                onClick={() => setOpen(mail)}
              >
                {mail.subject}
              </Button>
              <span className="narrow-only dim small">
                {mail.to}, <Time value={mail.created_at} />
              </span>
            </>
          ),
        },
        {
          key: 'status',
          header: text.status,
          render: ({ status, error }) => (
            <span title={error}>
              <Tag tone={tones[status]}>{text.statuses[status]}</Tag>
            </span>
          ),
        },
      ]}
    >
      <Pager page={page} size={pageSize} total={query.data?.total ?? 0} onPage={setPage} />
      {open && (
        <Dialog opened size="lg" title={open.subject} onClose={() => setOpen(undefined)}>
          {open.error && <p role="alert">{open.error}</p>}
          {open.text ? <CodeBlock label={open.to} code={open.text} /> : <p className="dim">{text.hidden}</p>}
        </Dialog>
      )}
    </TableSection>
  )
}
