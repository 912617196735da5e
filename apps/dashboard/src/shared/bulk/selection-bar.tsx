import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useFailure } from '../ui/failure.tsx'
import { maxPicked, type Picked, withRows } from './selection.ts'
import { bulk as text } from './text.ts'
import './bulk.css'

/** What can be done with several rows of a list. */
export interface Bulk<Row> {
  /** How the row is called where its change is reported. */
  nameOf: (row: Row) => string
  /** Rows that can be selected; absent: all. */
  may?: (row: Row) => boolean
  /** All that match, on all pages; absent for a list that has one page. */
  all?: { total: number; read: () => Promise<Row[]> }
  /** The buttons. `clear` ends the selection, after it was acted on. */
  renderActions: (picked: Picked, clear: () => void) => ReactNode
}

interface Props<Row> {
  bulk: Bulk<Row>
  rowKey: (row: Row) => string
  picked: Picked
  onPick: (picked: Picked) => void
}

/** Above a list with a selection: how many, and what can be done with them. */
export function SelectionBar<Row>({ bulk, rowKey, picked, onPick }: Props<Row>) {
  const { all, nameOf, may = () => true, renderActions } = bulk
  const [reading, setReading] = useState(false)
  /** How many can be selected, once all were read. */
  const [found, setFound] = useState(Math.min(all?.total ?? 0, maxPicked))
  const failed = useFailure()
  const clear = () => onPick(new Map())
  const pickAll = async (read: () => Promise<Row[]>) => {
    setReading(true)
    try {
      const rows = (await read()).filter(may).map((row): [string, string] => [rowKey(row), nameOf(row)])
      const picks = withRows(new Map(), new Map(rows), true)
      setFound(picks.size)
      onPick(picks)
    } catch (error) {
      failed(error)
    }
    setReading(false)
  }
  return (
    <section className="selection-bar" aria-label={text.selection}>
      <strong aria-live="polite">{text.selected(picked.size)}</strong>
      {all && picked.size < found && (
        <Button
          variant="subtle"
          size="compact-sm"
          loading={reading}
          onClick={() => void pickAll(() => all.read())}
        >
          {all.total < maxPicked ? text.selectAll(all.total) : text.selectFirst(maxPicked)}
        </Button>
      )}
      <Button variant="subtle" size="compact-sm" onClick={clear}>
        {text.clear}
      </Button>
      <span className="selection-actions">{renderActions(picked, clear)}</span>
    </section>
  )
}
