import { Button, Modal, Progress, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useRef, useState } from 'react'
import type { PlannedChange } from '../management/removals.ts'
import { common } from '../text.ts'
import { Effect } from '../ui/effect.tsx'
import { explain } from '../ui/failure.tsx'
import { Table } from '../ui/table.tsx'
import { useReturnFocus } from '../ui/use-return-focus.ts'
import { type Outcome, type Report, runInBatches } from './run.ts'
import type { Picked } from './selection.ts'
import { bulk as text } from './text.ts'
import './bulk.css'

interface Props<Undo> {
  picked: Picked
  /** Says how many it changes. */
  title: string
  /** What it will do. */
  children?: ReactNode
  /** The changes that take something away. Their effect is shown. */
  changes?: readonly PlannedChange[] | undefined
  action: {
    label: string
    disabled?: boolean
    /** Takes something away. */
    danger?: boolean
    /** Cannot be undone: the number is typed first. */
    typed?: boolean
    batch: number
    run: (keys: string[]) => Promise<Outcome<Undo>[]>
    done: (n: number) => string
  }
  /** Reverses the change of one object, unless somebody else has changed it since. */
  undo?: {
    keyOf: (undo: Undo) => string
    run: (undo: Undo[]) => Promise<Outcome<never>[]>
    done: (n: number) => string
  }
  /** `changed`: whether it was run. */
  onClose: (changed: boolean) => void
}

interface Running {
  total: number
  done: number
  isStopping: boolean
}

const maxShown = 200

/** The focus is inside the dialog in each of its steps. */
const focusOn = (element: HTMLElement | null) => element?.focus()

/** Changes what is selected: asks first, shows the progress, and reports what failed and why. */
export function BulkDialog<Undo>(props: Props<Undo>) {
  const { picked, title, children, changes, action, undo, onClose } = props
  useReturnFocus(true)
  const queries = useQueryClient()
  const [typed, setTyped] = useState('')
  const [running, setRunning] = useState<Running>()
  const [report, setReport] = useState<Report<Undo> & { title: string }>()
  const isStopped = useRef(false)
  const isConfirmed = !action.typed || typed.replaceAll(/[^0-9]/g, '') === String(picked.size)

  const start = async <Item, Next extends Undo>(
    items: Item[],
    batch: number,
    keyOf: (item: Item) => string,
    run: (items: Item[]) => Promise<Outcome<Next>[]>,
    done: (n: number) => string,
  ) => {
    isStopped.current = false
    setReport(undefined)
    setRunning({ total: items.length, done: 0, isStopping: false })
    const result = await runInBatches(items, {
      batch,
      keyOf,
      run,
      explain,
      onProgress: (count) => setRunning((old) => old && { ...old, done: count }),
      isStopped: () => isStopped.current,
    })
    await queries.invalidateQueries()
    setRunning(undefined)
    setReport({ ...result, title: done(result.changed) })
  }
  const stop = () => {
    isStopped.current = true
    setRunning((old) => old && { ...old, isStopping: true })
  }
  const close = () => {
    if (!running) onClose(report !== undefined)
  }
  return (
    <Modal
      opened
      onClose={close}
      title={report?.title ?? title}
      size="lg"
      returnFocus={false}
      closeOnClickOutside={!running && !report}
      withCloseButton={!running}
      closeButtonProps={{ 'aria-label': common.close }}
    >
      {running ? (
        <Working {...running} onStop={stop} />
      ) : report ? (
        <ReportOf
          report={report}
          picked={picked}
          onClose={close}
          onUndo={
            undo && report.undo.length > 0
              ? () => void start(report.undo, action.batch, undo.keyOf, undo.run, undo.done)
              : undefined
          }
        />
      ) : (
        <form
          noValidate
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            if (isConfirmed && !action.disabled)
              void start([...picked.keys()], action.batch, (key) => key, action.run, action.done)
          }}
        >
          {children}
          {changes && changes.length > 0 && <Effect changes={changes} />}
          {action.typed && (
            <TextInput
              label={text.type(picked.size)}
              description={text.typeHint}
              inputMode="numeric"
              autoComplete="off"
              data-autofocus
              value={typed}
              onChange={({ currentTarget }) => setTyped(currentTarget.value)}
            />
          )}
          <div className="row-end">
            <Button onClick={close} {...(action.danger && !action.typed && { 'data-autofocus': true })}>
              {common.cancel}
            </Button>
            <Button
              type="submit"
              variant="filled"
              {...(action.danger && { color: 'red' })}
              disabled={!isConfirmed || action.disabled === true}
            >
              {action.label}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  )
}

function Working({ total, done, isStopping, onStop }: Running & { onStop: () => void }) {
  return (
    <div className="stack">
      <Progress aria-label={text.progress} value={(100 * done) / total} animated />
      <p aria-live="polite">{isStopping ? text.stopping : text.doneOf(done, total)}</p>
      <div className="row-end">
        <Button ref={focusOn} aria-disabled={isStopping} onClick={onStop}>
          {text.stop}
        </Button>
      </div>
    </div>
  )
}

function ReportOf<Undo>({
  report: { unchanged, failed, notTried },
  report,
  picked,
  onClose,
  onUndo,
}: {
  report: Report<Undo>
  picked: Picked
  onClose: () => void
  onUndo: (() => void) | undefined
}) {
  return (
    <div className="stack">
      {unchanged > 0 && <p>{text.unchanged(unchanged)}</p>}
      {notTried > 0 && <p>{text.notTried(notTried)}</p>}
      {failed.length > 0 && (
        <>
          <p>{text.failed(failed.length)}</p>
          <div className="bulk-failed">
            <Table
              label={text.failed(failed.length)}
              rows={failed.slice(0, maxShown)}
              rowKey={({ key }) => key}
              columns={[
                { key: 'what', header: text.what, render: ({ key }) => picked.get(key) ?? key },
                { key: 'reason', header: text.reason, render: ({ reason }) => reason },
              ]}
              empty={null}
            />
          </div>
          {failed.length > maxShown && <p className="dim small">{text.more(maxShown)}</p>}
        </>
      )}
      {onUndo && <p className="dim small">{text.undoHint}</p>}
      <div className="row-end">
        {onUndo && <Button onClick={onUndo}>{text.undo(report.undo.length)}</Button>}
        <Button ref={focusOn} variant="filled" onClick={onClose}>
          {common.close}
        </Button>
      </div>
    </div>
  )
}
