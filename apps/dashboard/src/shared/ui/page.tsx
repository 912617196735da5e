import { type ReactNode, useEffect } from 'react'
import { Link } from 'react-router'
import { common } from '../text.ts'
import { Icon } from './icon.tsx'
import './page.css'

interface Props {
  title: string
  /** Beside the title, such as the mark of a system object. */
  badge?: ReactNode
  subtitle?: ReactNode
  /** The list that this page came from. */
  back?: { to: string; label: string }
  actions?: ReactNode
  children: ReactNode
}

/** The frame of every page: one heading, what can be done here, then the content. */
export function Page({ title, badge, subtitle, back, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · ${common.product}`
  }, [title])
  return (
    <div className="page">
      {back && (
        <Link className="page-back" to={back.to}>
          <Icon name="left" size={14} />
          {back.label}
        </Link>
      )}
      <header className="page-header">
        <div className="page-heading">
          <h1>
            {title}
            {badge}
          </h1>
          {subtitle && <div className="page-subtitle">{subtitle}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** A titled panel. */
export function Section({
  title,
  description,
  actions,
  danger = false,
  children,
}: {
  title?: string
  description?: ReactNode
  actions?: ReactNode
  danger?: boolean
  children?: ReactNode
}) {
  return (
    <section className="section" data-danger={danger || undefined} aria-label={title}>
      {(title || actions) && (
        <div className="section-head">
          <div>
            {title && <h2>{title}</h2>}
            {description && <p>{description}</p>}
          </div>
          {actions && <div className="section-actions">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  )
}
