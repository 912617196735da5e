import { Progress as Bar } from '@mantine/core'
import { Failure } from '../../shared/ui/failure.tsx'
import { Page } from '../../shared/ui/page.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { ApiStep, PermissionStep, RbacStep } from './api-steps.tsx'
import { CallSection } from './call-section.tsx'
import { ClientStep } from './client-step.tsx'
import { getStarted as text } from './text.ts'
import './get-started.css'
import { type Progress, stepNames } from './progress.ts'
import { AssignStep, GrantStep, RoleStep } from './role-steps.tsx'
import { useProgress } from './use-progress.ts'
import { UsersStep } from './users-step.tsx'

/** The tutorial as a list of things to do, each of which knows whether it is done. */
export default function GetStartedPage() {
  const { progress, error, retry } = useProgress()
  return (
    <Page title={text.title} subtitle={text.subtitle}>
      {error && <Failure error={error} onRetry={retry} />}
      {!progress && !error && <LinesSkeleton lines={10} />}
      {progress && <Steps progress={progress} />}
    </Page>
  )
}

function Steps({ progress }: { progress: Progress }) {
  const done = stepNames.filter((name) => progress.done[name]).length
  const current = stepNames.find((name) => !progress.done[name])
  const shared = { progress, current }
  return (
    <>
      <div className="row" style={{ marginBottom: 16 }}>
        <Bar
          value={(100 * done) / stepNames.length}
          aria-label={text.progress(done, stepNames.length)}
          size="sm"
          w={180}
          color="pine"
        />
        <span className="dim small" aria-live="polite">
          {text.progress(done, stepNames.length)}
        </span>
      </div>
      <ol className="steps">
        <ApiStep {...shared} />
        <RbacStep {...shared} />
        <PermissionStep {...shared} />
        <RoleStep {...shared} />
        <GrantStep {...shared} />
        <UsersStep {...shared} />
        <AssignStep {...shared} />
        <ClientStep {...shared} />
      </ol>
      <CallSection progress={progress} />
    </>
  )
}
