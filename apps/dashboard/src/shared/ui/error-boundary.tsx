import { Button } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { common } from '../text.ts'
import { EmptyState } from './empty-state.tsx'
import { crash } from './text.ts'

/** Catches what a page throws while it renders, so that navigation and other pages live on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error?: Error | undefined }> {
  override state: { error?: Error | undefined } = {}

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    return (
      <div className="page">
        <EmptyState
          icon="warning"
          title={crash.title}
          action={<Button onClick={() => this.setState({ error: undefined })}>{common.retry}</Button>}
        >
          {crash.body} <code>{error.message}</code>
        </EmptyState>
      </div>
    )
  }
}
