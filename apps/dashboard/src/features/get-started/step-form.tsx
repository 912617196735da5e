import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { explain } from '../../shared/ui/failure.tsx'
import { getStarted as text } from './text.ts'

interface Props<Name extends string> {
  fields: { name: Name; label: string; initial: string }[]
  action: string
  busy: boolean
  error: Error | null
  /** @param value what a field holds */
  onSubmit: (value: (name: Name) => string) => void
}

/** A line of prefilled fields and one button. */
export function StepForm<Name extends string>({ fields, action, busy, error, onSubmit }: Props<Name>) {
  const [values, setValues] = useState<ReadonlyMap<Name, string>>(
    () => new Map(fields.map(({ name, initial }) => [name, initial])),
  )
  const value = (name: Name) => (values.get(name) ?? '').trim()
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit(value)
      }}
    >
      <div className="step-line">
        {fields.map(({ name, label }) => (
          <TextInput
            key={name}
            label={label}
            value={values.get(name) ?? ''}
            spellCheck={false}
            onChange={({ currentTarget }) => setValues(new Map([...values, [name, currentTarget.value]]))}
          />
        ))}
        <Button
          type="submit"
          variant="filled"
          loading={busy}
          disabled={fields.some(({ name }) => !value(name))}
        >
          {action}
        </Button>
      </div>
      <StepError error={error} />
    </form>
  )
}

export function StepError({ error }: { error: Error | null }) {
  if (!error) return null
  return (
    <p role="alert" style={{ color: 'var(--danger)', marginTop: 8 }}>
      {text.failed} {explain(error)}
    </p>
  )
}
