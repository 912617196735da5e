import { Button } from '@mantine/core'
import type { PreviewAnswer } from '@rolecall/contract'
import { useEffect, useState } from 'react'
import { type PermissionEffect, useMayPreview, usePreview, usePreviewNames } from '../management/preview.ts'
import type { PlannedChange } from '../management/removals.ts'
import { common } from '../text.ts'
import './effect.css'
import { mostFirst, settingsOf, summaryOf, tokensOf } from './effect-lines.ts'
import { Callout } from './tag.tsx'
import { effect as text } from './text.ts'

const slowMilliseconds = 4_000
const shownPermissions = 6

/** What changes would take away and give, before they are made: numbers first, names on request. */
export function Effect({ changes }: { changes: readonly PlannedChange[] }) {
  const may = useMayPreview()
  return may ? <Previewed changes={changes} /> : <p className="dim">{text.notShown}</p>
}

function Previewed({ changes }: { changes: readonly PlannedChange[] }) {
  const { sum, isCounting } = usePreview(changes)
  return (
    <div className="effect" aria-live="polite" aria-busy={isCounting}>
      {sum && <Answer changes={changes} answer={sum} isCounting={isCounting} />}
      {!sum && (isCounting ? <Waiting /> : <Callout tone="warn">{text.failed}</Callout>)}
    </div>
  )
}

interface AnswerProps {
  changes: readonly PlannedChange[]
  answer: PreviewAnswer
  isCounting: boolean
}

function Answer({ changes, answer, isCounting }: AnswerProps) {
  const [showsAll, setShowsAll] = useState(false)
  const { lost, gained, complete, examined } = answer
  const rows = [...mostFirst(lost), ...mostFirst(gained)]
  const isLost = new Set(lost)
  const settings = settingsOf(answer)
  const shown = showsAll ? rows : rows.slice(0, shownPermissions)
  return (
    <>
      {settings.map((line) => (
        <Callout key={line} tone="warn">
          {line}
        </Callout>
      ))}
      {(rows.length > 0 || settings.length === 0) && (
        <Callout tone={lost.length > 0 ? 'warn' : 'plain'}>
          <strong>{summaryOf(answer)}</strong>
          {!complete && <> {isCounting ? text.countedSoFar(examined) : text.countedOnly(examined)}</>}
        </Callout>
      )}
      {shown.length > 0 && (
        <ul className="effect-list" aria-label={text.permissions}>
          {shown.map((row) => (
            <PermissionLine
              key={`${isLost.has(row)} ${row.api} ${row.permission}`}
              changes={changes}
              effect={isLost.has(row) ? 'lost' : 'gained'}
              row={row}
            />
          ))}
        </ul>
      )}
      {shown.length < rows.length && (
        <Button size="compact-sm" onClick={() => setShowsAll(true)}>
          {text.showAll(rows.length)}
        </Button>
      )}
      {tokensOf(answer).map((remark) => (
        <p key={remark} className="small">
          {remark}
        </p>
      ))}
    </>
  )
}

function Waiting() {
  const [isSlow, setIsSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsSlow(true), slowMilliseconds)
    return () => clearTimeout(timer)
  }, [])
  return <p className="dim">{isSlow ? text.slow : text.counting}</p>
}

interface LineProps {
  changes: readonly PlannedChange[]
  effect: PermissionEffect['effect']
  row: PreviewAnswer['lost'][number]
}

function PermissionLine({ changes, effect, row }: LineProps) {
  const { api, permission, users, applications } = row
  const [open, setOpen] = useState(false)
  return (
    <li>
      <div className="effect-line">
        <span className="effect-permission">
          <code>{permission}</code>
          <span className="dim small">{api}</span>
        </span>
        <span>
          {effect === 'gained' && `${text.gained} `}
          {text.subjects(users, applications)}
        </span>
        <Button
          size="compact-sm"
          aria-expanded={open}
          aria-label={text.namesOf(permission)}
          onClick={() => setOpen(!open)}
        >
          {text.names}
        </Button>
      </div>
      {open && <Names changes={changes} of={{ effect, api, permission }} />}
    </li>
  )
}

function Names({ changes, of }: { changes: readonly PlannedChange[]; of: PermissionEffect }) {
  const { data, error, isFetching, hasNextPage, fetchNextPage } = usePreviewNames(changes, of)
  if (error) return <p className="dim small">{text.namesFailed}</p>
  if (!data) return <p className="dim small">{common.loading}</p>
  return (
    <>
      <ul className="effect-names" aria-label={text.namesOf(of.permission)}>
        {data.pages
          .flatMap(({ names }) => names)
          .map(({ id, label }) => (
            <li key={id}>
              <bdi>{label}</bdi>
            </li>
          ))}
      </ul>
      {hasNextPage && (
        <Button size="compact-sm" loading={isFetching} onClick={() => void fetchNextPage()}>
          {text.more}
        </Button>
      )}
    </>
  )
}
