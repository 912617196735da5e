import { type ReactNode, useRef } from 'react'
import { Link } from 'react-router'
import { Icon } from './icon.tsx'
import './page.css'
import { usePageTitle } from './use-page-title.ts'

interface Props {
  title: string
  /** At the right of the title, such as the tag of a system object. */
  badge?: ReactNode
  subtitle?: ReactNode
  /** The list that this page came from. */
  back?: { to: string; label: string }
  actions?: ReactNode
  /** Takes all of a wide screen. */
  wide?: boolean
  children: ReactNode
}

/** The frame of every page: one heading, what can be done here, then the content. */
export function Page({ title, badge, subtitle, back, actions, wide = false, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  usePageTitle(title, heading)
  return (
    <div className="page" data-wide={wide || undefined}>
      {back && (
        <Link className="page-back" to={back.to}>
          <Icon name="left" size={14} />
          {back.label}
        </Link>
      )}
      <header className="page-header">
        <div className="page-heading">
          <h1 ref={heading} tabIndex={-1}>
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
