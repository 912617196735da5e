import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { Icon } from '../../shared/ui/icon.tsx'
import type { Progress, StepName } from './progress.ts'
import { getStarted as text } from './text.ts'

/** What every step is given. */
export interface StepProps {
  progress: Progress
  /** The first step that is not done. */
  current: StepName | undefined
}

interface Props {
  title: string
  done: boolean
  current: boolean
  /** Said instead of the body once it is done, and the page where it can be changed. */
  result?: { text: string; to: string } | undefined
  /** Shown whether or not it is done. */
  always?: boolean
  children?: ReactNode
}

export function Step({ title, done, current, result, always = false, children }: Props) {
  return (
    <li className="step" data-done={done || undefined} aria-current={current ? 'step' : undefined}>
      <span className="step-mark">{done && <Icon name="check" size={14} />}</span>
      <div className="step-content">
        <h2>
          {title}
          <span className="visually-hidden">: {done ? text.done : text.open}</span>
        </h2>
        {done && result && (
          <p className="dim">
            <Link to={result.to}>{result.text}</Link>
          </p>
        )}
        {(always || (current && !done)) && <div className="step-body">{children}</div>}
      </div>
    </li>
  )
}
