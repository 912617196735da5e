import { ActionIcon } from '@mantine/core'
import { useState } from 'react'
import { common } from '../text.ts'
import { Icon } from './icon.tsx'
import { useToast } from './toast.tsx'

/** @param what names the value for screen readers */
export function CopyButton({ value, what }: { value: string; what: string }) {
  const [copied, setCopied] = useState(false)
  const toast = useToast()
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value)
      setCopied(true)
      setTimeout(setCopied, 1_500, false)
    } catch {
      toast.failed(common.failed)
    }
  }
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="sm"
      aria-label={copied ? common.copied : `${common.copy} ${what}`}
      title={copied ? common.copied : common.copy}
      onClick={() => void copy()}
    >
      <Icon name={copied ? 'check' : 'copy'} size={14} />
    </ActionIcon>
  )
}

/** An id or address that people carry elsewhere. */
export function CopyText({ value, what }: { value: string; what: string }) {
  return (
    <span className="copy-text">
      <code>{value}</code>
      <CopyButton value={value} what={what} />
    </span>
  )
}
