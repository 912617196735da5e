import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { type ResourceServer, type Scope, useUpdateApi } from '../../shared/management/apis.ts'
import { common } from '../../shared/text.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
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
  const act = useAction()
  const [description, setDescription] = useState(scope.description)
  const save = async () => {
    const scopes = (api.scopes ?? []).map(({ value, description: old }) => ({
      value,
      description: value === scope.value ? description.trim() : old,
    }))
    const run = () => update.mutateAsync({ scopes, ifMatch: version })
    if (await act({ run, done: common.saved })) onClose()
  }
  return (
    <Dialog
      opened
      title={text.editTitle}
      onClose={onClose}
      action={{
        label: common.save,
        busy: update.isPending,
        disabled: !description.trim(),
        run: () => void save(),
      }}
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
