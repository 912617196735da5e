import type { ReactNode } from 'react'
import './empty-state.css'
import { Icon, type IconName } from './icon.tsx'

/** Says why there is nothing, and what to do about it. */
export function EmptyState({
  icon,
  title,
  action,
  children,
}: {
  icon: IconName
  title?: string
  action?: ReactNode
  children?: ReactNode
}) {
  return (
    <div className="empty">
      <span className="empty-icon">
        <Icon name={icon} size={20} />
      </span>
      {title && <p className="empty-title">{title}</p>}
      {children && <p className="empty-body">{children}</p>}
      {action && <div className="empty-action">{action}</div>}
    </div>
  )
}
