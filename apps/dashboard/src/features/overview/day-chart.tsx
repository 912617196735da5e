import type { Overview } from '@rolecall/contract'
import { number } from '../../shared/text.ts'
import { overview as text } from './text.ts'

type Day = NonNullable<Overview['days']>[number]

const dayName = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const series = ['logins', 'refusals', 'new_users'] as const

/** Bars in HTML: the chart library is larger than all other scripts of the first page together. */
export function DayChart({ days }: { days: Day[] }) {
  const most = Math.max(1, ...days.flatMap((day) => series.map((name) => day[name])))
  const sum = (name: (typeof series)[number]) => days.reduce((total, day) => total + day[name], 0)
  const summary = text.chartSummary(sum('logins'), sum('refusals'), sum('new_users'))
  return (
    <figure className="days">
      <figcaption>
        <span className="visually-hidden">{`${text.chartTitle}: ${summary}`}</span>
        <ul className="days-legend" aria-hidden="true">
          {series.map((name) => (
            <li key={name} data-series={name}>
              {text.series[name]}
            </li>
          ))}
        </ul>
      </figcaption>
      <div className="days-bars" aria-hidden="true">
        <span className="days-most">{number(most)}</span>
        {days.map((day) => (
          <div key={day.date} className="days-day" title={tooltip(day)}>
            {series.map((name) => (
              <i key={name} data-series={name} style={{ height: `${(100 * day[name]) / most}%` }} />
            ))}
          </div>
        ))}
      </div>
      <div className="days-names" aria-hidden="true">
        {[days[0], days[Math.floor(days.length / 2)], days.at(-1)].map(
          (day) => day && <span key={day.date}>{dayName.format(new Date(day.date))}</span>,
        )}
      </div>
    </figure>
  )
}

function tooltip(day: Day): string {
  const counts = series.map((name) => `${text.series[name]}: ${number(day[name])}`)
  return [dayName.format(new Date(day.date)), ...counts].join('\n')
}
