import { Button, PasswordInput } from '@mantine/core'
import { useState } from 'react'
import { users } from '../../strings/users.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { randomPassword } from './random-secret.ts'
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
        label={users.password}
        description={hint && users.passwordHint}
        autoComplete="new-password"
        visible={visible}
        onVisibilityChange={setVisible}
        visibilityToggleButtonProps={{ 'aria-label': visible ? users.hidePassword : users.showPassword }}
      />
      <div className="row">
        <Button
          size="compact-sm"
          onClick={() => {
            setVisible(true)
            onGenerate(randomPassword())
          }}
        >
          {users.generate}
        </Button>
        {visible && field.value && (
          <>
            <CopyButton value={field.value} what={users.password} />
            <span className="dim small">{users.generated}</span>
          </>
        )}
      </div>
    </div>
  )
}
