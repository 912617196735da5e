import { Skeleton } from '@mantine/core'
import { common } from '../text.ts'

export function PageSkeleton() {
  return (
    <div className="page" aria-busy="true">
      <output className="visually-hidden">{common.loading}</output>
      <Skeleton height={24} width={180} mb={10} />
      <Skeleton height={14} width={320} mb={28} maw="100%" />
      <LinesSkeleton />
    </div>
  )
}

export function LinesSkeleton({ lines = 6 }: { lines?: number }) {
  return (
    <div className="stack" aria-busy="true">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={18} width={`${92 - ((line * 17) % 40)}%`} />
      ))}
    </div>
  )
}
