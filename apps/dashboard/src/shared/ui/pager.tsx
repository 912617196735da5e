import { Button } from '@mantine/core'
import { common } from '../text.ts'
import { Icon } from './icon.tsx'
import './table.css'

interface Props {
  /** What is paged, where a page has several pagers. */
  what?: string
  /** From 0. */
  page: number
  size: number
  /** Undefined while there may be more than was read. */
  total: number | undefined
  onPage: (page: number) => void
}

export function Pager({ what, page, size, total, onPage }: Props) {
  const isLast = total !== undefined && total <= (page + 1) * size
  if (isLast && page === 0) return null
  const first = page * size + 1
  const last = Math.min(total ?? Number.POSITIVE_INFINITY, first + size - 1)
  const range = total === undefined ? common.pageFrom(first, last) : common.pageOf(first, last, total)
  const shown = what ? `${what} ${range}` : range
  return (
    <nav className="pager" aria-label={shown}>
      <span aria-live="polite">{shown}</span>
      <span className="row">
        <Button
          size="compact-sm"
          disabled={page === 0}
          leftSection={<Icon name="left" size={14} />}
          onClick={() => onPage(page - 1)}
        >
          {common.previous}
        </Button>
        <Button
          size="compact-sm"
          disabled={isLast}
          rightSection={<Icon name="right" size={14} />}
          onClick={() => onPage(page + 1)}
        >
          {common.next}
        </Button>
      </span>
    </nav>
  )
}
