import { CloseButton, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { common } from '../text.ts'
import { Icon } from './icon.tsx'

const pauseMilliseconds = 200

/** Tells after a pause in typing what to look for. */
export function SearchField({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  const [typed, setTyped] = useState(value)
  const told = useRef(value)
  useEffect(() => {
    if (value !== told.current) setTyped(value)
    told.current = value
  }, [value])
  useEffect(() => {
    if (typed === told.current) return undefined
    const timer = setTimeout(() => {
      told.current = typed
      onChange(typed)
    }, pauseMilliseconds)
    return () => clearTimeout(timer)
  }, [typed, onChange])
  return (
    <TextInput
      className="search-field"
      type="search"
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      leftSection={<Icon name="search" size={15} />}
      rightSection={
        typed && <CloseButton size="sm" aria-label={common.clearSearch} onClick={() => setTyped('')} />
      }
    />
  )
}
