import type { ReactNode } from 'react'
import './code-block.css'
import { Icon, type IconName } from './icon.tsx'

type Tone = 'plain' | 'ok' | 'warn' | 'danger'

export function Tag({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className="tag" data-tone={tone}>
      {children}
    </span>
  )
}

const icons: Record<Tone, IconName> = { plain: 'lock', ok: 'check', warn: 'warning', danger: 'warning' }

/** A remark that belongs to what is around it. */
export function Callout({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <div className="callout" data-tone={tone} role={tone === 'danger' ? 'alert' : undefined}>
      <Icon name={icons[tone]} />
      <div>{children}</div>
    </div>
  )
}
