import { type ReactNode, useState } from 'react'
import type { Selecting } from '../ui/table.tsx'
import type { Picked } from './selection.ts'
import { type Bulk, SelectionBar } from './selection-bar.tsx'

const none: Picked = new Map()

/**
 * The selection of a list, kept while it is paged.
 * @param scope what the list shows, such as its filters: another one starts with nothing selected
 */
export function useSelection<Row>(
  bulk: Bulk<Row> | undefined | false,
  rowKey: (row: Row) => string,
  scope: string,
): { selecting: Selecting<Row> | undefined; bar: ReactNode } {
  const [state, setState] = useState({ scope, picked: none })
  if (!bulk) return { selecting: undefined, bar: null }
  const picked = state.scope === scope ? state.picked : none
  const onPick = (changed: Picked) => setState({ scope, picked: changed })
  return {
    selecting: { picked, onPick, nameOf: bulk.nameOf, ...(bulk.may && { may: bulk.may }) },
    bar: picked.size > 0 && <SelectionBar bulk={bulk} rowKey={rowKey} picked={picked} onPick={onPick} />,
  }
}
