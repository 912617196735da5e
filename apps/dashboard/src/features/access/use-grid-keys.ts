import { type KeyboardEvent, useCallback, useRef, useState } from 'react'

interface Place {
  row: number
  column: number
}

const rowsOfAPage = 10

/** Where a key leads from a place, in a grid of so many rows and columns. Undefined: the key is none of ours. */
function target(
  { key, ctrlKey }: KeyboardEvent,
  { row, column }: Place,
  rows: number,
  columns: number,
): Place | undefined {
  switch (key) {
    case 'ArrowUp':
      return { row: row - 1, column }
    case 'ArrowDown':
      return { row: row + 1, column }
    case 'ArrowLeft':
      return { row, column: column - 1 }
    case 'ArrowRight':
      return { row, column: column + 1 }
    case 'PageUp':
      return { row: row - rowsOfAPage, column }
    case 'PageDown':
      return { row: row + rowsOfAPage, column }
    case 'Home':
      return { row: ctrlKey ? 0 : row, column: 0 }
    case 'End':
      return { row: ctrlKey ? rows - 1 : row, column: columns - 1 }
    default:
      return undefined
  }
}

/** Moves the one tab stop of a grid: https://www.w3.org/WAI/ARIA/apg/patterns/grid/. */
export function useGridKeys(rows: number, columns: number) {
  const grid = useRef<HTMLTableElement>(null)
  const [place, setPlace] = useState<Place>({ row: 0, column: 0 })
  const cursor = { row: Math.min(place.row, rows - 1), column: Math.min(place.column, columns - 1) }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement) event.target.click()
    const wanted = target(event, cursor, rows, columns)
    if (!wanted) return
    event.preventDefault()
    const row = Math.max(0, Math.min(rows - 1, wanted.row))
    const column = Math.max(0, Math.min(columns - 1, wanted.column))
    grid.current?.querySelector<HTMLElement>(`[data-row="${row}"][data-column="${column}"]`)?.focus()
  }
  const focusOn = useCallback((row: number, column: number) => setPlace({ row, column }), [])
  return { grid, cursor, onKeyDown, focusOn }
}
