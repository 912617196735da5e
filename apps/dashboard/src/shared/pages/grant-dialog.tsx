import type { ClientGrantWire } from '@rolecall/contract'
import { useState } from 'react'
import type { ResourceServer } from '../management/apis.ts'
import { type Client, useChangeGrant } from '../management/applications.ts'
import { removals } from '../management/removals.ts'
import { common } from '../text.ts'
import { Dialog } from '../ui/dialog.tsx'
import { PermissionPicker } from '../ui/permission-picker.tsx'
import { useAction } from '../ui/use-action.ts'
import { grants as text } from './text.ts'

export type Grant = Pick<ClientGrantWire, 'id' | 'client_id' | 'scope' | 'subject_type' | 'is_system'>

interface Props {
  api: ResourceServer
  application: Client
  grant: Grant
  onClose: () => void
}

export function GrantDialog({ api, application, grant, onClose }: Props) {
  const change = useChangeGrant()
  const act = useAction()
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set(grant.scope))
  const save = async () => {
    const scope = [...picked]
    const isNarrowed = grant.scope.some((permission) => !picked.has(permission))
    const done = await act({
      ...(isNarrowed && {
        question: {
          title: text.narrowTitle(application.name, api.name),
          changes: [removals.narrowGrant(grant.id, scope)],
          action: common.save,
        },
      }),
      run: () => change.mutateAsync({ id: grant.id, scope }),
      done: common.saved,
    })
    if (done) onClose()
  }
  return (
    <Dialog
      opened
      size="lg"
      title={text.editTitle(application.name, api.name)}
      onClose={onClose}
      action={{ label: common.save, busy: change.isPending, run: () => void save() }}
    >
      <PermissionPicker scopes={api.scopes ?? []} picked={picked} onPick={setPicked} />
    </Dialog>
  )
}
