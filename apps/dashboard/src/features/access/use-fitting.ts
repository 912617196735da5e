import { useLayoutEffect, useRef, useState } from 'react'

/** In CSS pixels, as in `access-grid.css`. */
const wide = { first: 300, column: 96 }
const narrow = { first: 150, column: 72 }
const maxNarrow = 600

/** How many columns of roles fit beside the names of the permissions. At least one is shown. */
export function fitting(width: number): number {
  const { first, column } = width > maxNarrow ? wide : narrow
  return Math.max(1, Math.floor((width - first) / column))
}

/** How many columns of roles fit into an element, as its width changes. */
export function useFitting() {
  const frame = useRef<HTMLDivElement>(null)
  const [columns, setColumns] = useState(1)
  useLayoutEffect(() => {
    const element = frame.current
    if (!element) return undefined
    const measure = () => setColumns(fitting(element.clientWidth))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return { frame, columns }
}
