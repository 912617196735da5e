import './end-clamped.css'
import { splitEnd } from './split-end.ts'

/** A name that is cut in its middle where there is no room, because many names differ only at their end. */
export function EndClamped({ name }: { name: string }) {
  const [start, end] = splitEnd(name)
  return (
    <span className="end-clamped">
      <span className="end-clamped-start">{start}</span>
      {end && <span className="end-clamped-end">{end}</span>}
    </span>
  )
}
