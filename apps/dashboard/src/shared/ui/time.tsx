const day = { day: 'numeric', month: 'short', year: 'numeric' } as const
const formatter = new Intl.DateTimeFormat('en-GB', { ...day, hour: '2-digit', minute: '2-digit' })
const exact = new Intl.DateTimeFormat('en-GB', {
  ...day,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
})

/** A moment in a sentence, in the reader's own time zone. @param value ISO 8601 */
export const timeOf = (value: string): string => formatter.format(new Date(value))

/** A moment in the reader's own time zone. @param value ISO 8601 @param seconds with the zone */
export function Time({ value, seconds = false }: { value: string | undefined; seconds?: boolean }) {
  if (!value) return <span className="dim">–</span>
  const time = new Date(value)
  return (
    <time className="nowrap" dateTime={value} title={exact.format(time)}>
      {seconds ? exact.format(time) : timeOf(value)}
    </time>
  )
}
