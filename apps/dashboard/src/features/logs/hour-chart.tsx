import { BarChart } from '@mantine/charts'
import '@mantine/charts/styles.css'
import { explain } from '../../shared/ui/failure.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { useHourCounts } from './log-queries.ts'
import { logs } from './text.ts'

const hourName = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
})

export default function HourChart() {
  const { data, error } = useHourCounts()
  if (error) return <p className="dim">{explain(error)}</p>
  if (!data) return <LinesSkeleton lines={4} />
  const rows = data.map(({ hour, logins, refusals }) => ({
    hour: hourName.format(new Date(hour)),
    [logs.logins]: logins,
    [logs.refusals]: refusals,
  }))
  const sum = (name: 'logins' | 'refusals') => data.reduce((total, row) => total + row[name], 0)
  return (
    <figure style={{ margin: 0 }}>
      <figcaption className="visually-hidden">{`${logs.chartTitle}: ${logs.chartSummary(sum('logins'), sum('refusals'))}`}</figcaption>
      <div aria-hidden="true">
        <BarChart
          h={150}
          data={rows}
          dataKey="hour"
          type="stacked"
          withLegend
          legendProps={{ verticalAlign: 'top', height: 32 }}
          barChartProps={{ accessibilityLayer: false }}
          gridAxis="x"
          tickLine="none"
          xAxisProps={{ interval: 'equidistantPreserveStart' }}
          yAxisProps={{ width: 32, allowDecimals: false }}
          series={[
            { name: logs.logins, color: 'pine.5' },
            { name: logs.refusals, color: 'red.4' },
          ]}
        />
      </div>
    </figure>
  )
}
