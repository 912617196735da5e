import { Button, PasswordInput } from '@mantine/core'
import { useState } from 'react'
import { CopyButton } from '../ui/copy-button.tsx'
import type { PasswordPolicy } from './password-error.ts'
import { randomPassword } from './random-secret.ts'
import { password as text } from './text.ts'
import type { TextField } from './use-form.ts'

/** A new password: typed, or made here and shown once. */
export function PasswordField({
  field,
  policy,
  hint,
  onGenerate,
}: {
  field: TextField
  policy: PasswordPolicy
  hint?: string
  onGenerate: (password: string) => void
}) {
  const [visible, setVisible] = useState(false)
  return (
    <div className="stack-tight">
      <PasswordInput
        {...field}
        // The component sets it on the other inputs, not on this one.
        aria-invalid={field.error !== undefined}
        label={text.label}
        description={`${text.policies[policy]}. ${hint ?? ''}`}
        autoComplete="new-password"
        visible={visible}
        onVisibilityChange={setVisible}
        visibilityToggleButtonProps={{ 'aria-label': visible ? text.hide : text.show }}
      />
      <div className="row">
        <Button
          size="compact-sm"
          onClick={() => {
            setVisible(true)
            onGenerate(randomPassword())
          }}
        >
          {text.generate}
        </Button>
        {visible && field.value && (
          <>
            <CopyButton value={field.value} what={text.label} />
            <span className="dim small">{text.generated}</span>
          </>
        )}
      </div>
    </div>
  )
}
