import { Button, Modal, Progress, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { PlannedChange } from '../management/removals.ts'
import { common } from '../text.ts'
import { Effect } from '../ui/effect.tsx'
import { Table } from '../ui/table.tsx'
import { useReturnFocus } from '../ui/use-return-focus.ts'
import type { Outcome, Report } from './run.ts'
import type { Picked } from './selection.ts'
import { bulk as text } from './text.ts'
import { type Running, useBulkRun } from './use-bulk-run.ts'
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

const maxShown = 200

/** The focus is inside the dialog in each of its steps. */
const focusOn = (element: HTMLElement | null) => element?.focus()

/** Changes what is selected: asks first, shows the progress, and reports what failed and why. */
export function BulkDialog<Undo>(props: Props<Undo>) {
  const { picked, title, action, undo, onClose } = props
  useReturnFocus(true)
  const { running, report, start, stop } = useBulkRun<Undo>(action.batch)
  const close = () => {
    if (!running) onClose(report !== undefined)
  }
  const run = () => start([...picked.keys()], { keyOf: (key) => key, run: action.run, done: action.done })
  const onUndo = undo && report && report.undo.length > 0 ? () => void start(report.undo, undo) : undefined
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
      {running && <Working {...running} onStop={stop} />}
      {report && <ReportOf report={report} picked={picked} onClose={close} onUndo={onUndo} />}
      {!running && !report && <Question {...props} onCancel={close} onRun={() => void run()} />}
    </Modal>
  )
}

interface QuestionProps<Undo> extends Pick<Props<Undo>, 'picked' | 'children' | 'changes' | 'action'> {
  onCancel: () => void
  onRun: () => void
}

function Question<Undo>({ picked, children, changes, action, onCancel, onRun }: QuestionProps<Undo>) {
  const { label, disabled = false, danger = false, typed: isTyped = false } = action
  const [typed, setTyped] = useState('')
  const isConfirmed = !isTyped || typed.replaceAll(/[^0-9]/g, '') === String(picked.size)
  const isReady = isConfirmed && !disabled
  return (
    <form
      noValidate
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) onRun()
      }}
    >
      {children}
      {changes && changes.length > 0 && <Effect changes={changes} />}
      {isTyped && (
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
        <Button onClick={onCancel} {...(danger && !isTyped && { 'data-autofocus': true })}>
          {common.cancel}
        </Button>
        <Button type="submit" variant="filled" {...(danger && { color: 'red' })} disabled={!isReady}>
          {label}
        </Button>
      </div>
    </form>
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
