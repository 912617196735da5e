import { ActionIcon } from '@mantine/core'
import { Suspense, useEffect, useRef, useState } from 'react'
import { Link, NavLink, Outlet, useLocation } from 'react-router'
import { useSession } from '../shared/auth/session.ts'
import { common } from '../shared/text.ts'
import { ErrorBoundary } from '../shared/ui/error-boundary.tsx'
import { Icon } from '../shared/ui/icon.tsx'
import { PageSkeleton } from '../shared/ui/skeletons.tsx'
import { AnnounceContext } from '../shared/ui/use-page-title.ts'
import { shell } from './text.ts'
import './app.css'
import { ColorScheme } from './color-scheme.tsx'
import { navigation } from './navigation.ts'
import { useKeptFocus } from './use-kept-focus.ts'
import { usePalette } from './use-palette.tsx'

export function Shell() {
  const { user, permissions, logOut } = useSession()
  const { pathname } = useLocation()
  const [open, setOpen] = useState(false)
  const main = useRef<HTMLElement>(null)
  const section = pathname.split('/')[1] ?? ''
  const [title, setTitle] = useState('')
  const { open: openPalette, palette } = usePalette()
  useKeptFocus()

  // A new page starts at its top.
  const shown = useRef(pathname)
  useEffect(() => {
    if (shown.current === pathname) return
    shown.current = pathname
    setOpen(false)
    scrollTo(0, 0)
  }, [pathname])

  return (
    <div className="shell">
      <a
        className="shell-skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault()
          main.current?.focus()
        }}
      >
        {common.skipToContent}
      </a>
      <header className="shell-top">
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={common.openNavigation}
          aria-expanded={open}
          aria-controls="navigation"
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? 'cross' : 'menu'} size={20} />
        </ActionIcon>
        <Brand />
      </header>
      <aside className="shell-side" id="navigation" aria-label={common.product} data-open={open || undefined}>
        <Brand />
        <button
          type="button"
          className="shell-find"
          aria-keyshortcuts="Control+K /"
          onClick={() => {
            setOpen(false)
            openPalette()
          }}
        >
          <Icon name="search" size={15} />
          {shell.find}
          <kbd aria-hidden="true">Ctrl K</kbd>
        </button>
        <nav aria-label={shell.navigation} style={{ flex: 1 }}>
          <ul className="shell-nav">
            {navigation
              .filter(({ needs }) => needs.some((permission) => permissions.has(permission)))
              .map(({ to, label, icon }) => (
                <li key={to}>
                  <NavLink className="shell-link" to={to} end={to === '/'} onClick={() => setOpen(false)}>
                    <Icon name={icon} size={17} />
                    {label}
                  </NavLink>
                </li>
              ))}
          </ul>
        </nav>
        <div className="shell-account">
          {/* A page of the server, outside the dashboard. */}
          <a className="shell-account-name" href="/account" title={shell.account}>
            <strong>{user.name}</strong>
            {user.email && user.email !== user.name && <span>{user.email}</span>}
          </a>
          <div className="shell-tools">
            <ColorScheme />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={shell.logOut}
              title={shell.logOut}
              onClick={logOut}
            >
              <Icon name="out" />
            </ActionIcon>
          </div>
        </div>
      </aside>
      <main ref={main} id="content" tabIndex={-1}>
        <ErrorBoundary key={section}>
          <Suspense fallback={<PageSkeleton />}>
            <AnnounceContext value={setTitle}>
              <Outlet />
            </AnnounceContext>
          </Suspense>
        </ErrorBoundary>
      </main>
      {palette}
      <output className="visually-hidden">{title}</output>
    </div>
  )
}

function Brand() {
  return (
    <Link className="shell-brand" to="/">
      <img src="/dashboard/favicon.svg" width={22} height={22} alt="" />
      {common.product}
    </Link>
  )
}
