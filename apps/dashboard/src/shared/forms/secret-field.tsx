import { PasswordInput } from '@mantine/core'
import { useState } from 'react'
import { password as text } from './text.ts'
import type { TextField } from './use-form.ts'

interface Props {
  field: TextField
  label: string
  description?: string
}

/** A secret of another server, which is typed and never read back. */
export function SecretField({ field, label, description }: Props) {
  const [visible, setVisible] = useState(false)
  return (
    <PasswordInput
      {...field}
      // The component sets it on the other inputs, not on this one.
      aria-invalid={field.error !== undefined}
      label={label}
      description={description}
      autoComplete="off"
      visible={visible}
      onVisibilityChange={setVisible}
      // Without them, the button that shows the secret is left out of the keyboard's order.
      visibilityToggleButtonProps={{
        tabIndex: 0,
        'aria-label': `${visible ? text.hide : text.show}: ${label}`,
      }}
    />
  )
}
