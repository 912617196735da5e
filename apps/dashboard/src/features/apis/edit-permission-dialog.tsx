import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { type ResourceServer, type Scope, useUpdateApi } from '../../shared/management/apis.ts'
import { common } from '../../shared/text.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { apiPermissions as text } from './text.ts'

interface Props {
  api: ResourceServer
  version: string | undefined
  scope: Scope
  onClose: () => void
}

/** The name of a permission is what APIs compare, so only its description changes. */
export function EditPermissionDialog({ api, version, scope, onClose }: Props) {
  const update = useUpdateApi(api.id)
  const toast = useToast()
  const failed = useFailure()
  const [description, setDescription] = useState(scope.description)
  const save = () => {
    const scopes = (api.scopes ?? []).map(({ value, description: old }) => ({
      value,
      description: value === scope.value ? description.trim() : old,
    }))
    update.mutate(
      { scopes, ifMatch: version },
      {
        onSuccess: () => {
          toast.done(common.saved)
          onClose()
        },
        onError: failed,
      },
    )
  }
  return (
    <Dialog
      opened
      title={text.editTitle}
      onClose={onClose}
      action={{ label: common.save, busy: update.isPending, disabled: !description.trim(), run: save }}
    >
      <p>
        <code>{scope.value}</code>
      </p>
      <TextInput
        data-autofocus
        label={text.description}
        value={description}
        onChange={({ currentTarget: { value } }) => setDescription(value)}
      />
    </Dialog>
  )
}
