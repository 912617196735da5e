const formatter = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** A moment in the reader's own time zone. @param value ISO 8601 */
export function Time({ value, seconds = false }: { value: string | undefined; seconds?: boolean }) {
  if (!value) return <span className="dim">–</span>
  return (
    <time className="nowrap" dateTime={value} title={value}>
      {(seconds ? exact : formatter).format(new Date(value))}
    </time>
  )
}
