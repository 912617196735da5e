import { Button, PasswordInput } from '@mantine/core'
import { useState } from 'react'
import { CopyButton } from '../ui/copy-button.tsx'
import { randomPassword } from './random-secret.ts'
import { password as text } from './text.ts'
import type { TextField } from './use-form.ts'

/** A new password: typed, or made here and shown once. */
export function PasswordField({
  field,
  onGenerate,
  hint = true,
}: {
  field: TextField
  onGenerate: (password: string) => void
  hint?: boolean
}) {
  const [visible, setVisible] = useState(false)
  return (
    <div className="stack-tight">
      <PasswordInput
        {...field}
        label={text.label}
        description={hint && text.hint}
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
