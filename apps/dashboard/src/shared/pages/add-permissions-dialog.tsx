import { NativeSelect } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { useApis } from '../management/apis.ts'
import { type PermissionRef, permissionRefs } from '../management/roles.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Failure } from '../ui/failure.tsx'
import { PermissionPicker } from '../ui/permission-picker.tsx'
import { LinesSkeleton } from '../ui/skeletons.tsx'
import { useAction } from '../ui/use-action.ts'
import { addPermissions as text } from './text.ts'

interface Props {
  title: string
  /** What is held already, and so not offered. */
  held: PermissionRef[]
  change: UseMutationResult<void, Error, { add?: PermissionRef[]; remove?: PermissionRef[] }>
  /** What the message says afterwards. */
  added: (count: number) => string
  onClose: () => void
}

/** Picks permissions of APIs, to be given to a role or a user. */
export function AddPermissionsDialog({ title, held, change, added, onClose }: Props) {
  const query = useApis()
  const act = useAction()
  const [chosen, setChosen] = useState<string>()
  /** Names of permissions by the identifier of their API. */
  const [picked, setPicked] = useState<ReadonlyMap<string, ReadonlySet<string>>>(new Map())
  const apis = query.data?.filter(({ scopes = [] }) => scopes.length > 0)
  const api = apis?.find(({ id }) => id === chosen) ?? apis?.[0]
  const open = api?.scopes?.filter(
    ({ value }) =>
      !held.some((has) => has.permission_name === value && has.resource_server_identifier === api.identifier),
  )
  const permissions = permissionRefs(picked)
  const add = async () => {
    const done = await act({
      run: () => change.mutateAsync({ add: permissions }),
      done: added(permissions.length),
      undo: () => change.mutateAsync({ remove: permissions }),
    })
    if (done) onClose()
  }
  return (
    <Dialog
      opened
      size="lg"
      title={title}
      onClose={onClose}
      action={{
        label: text.addN(permissions.length),
        busy: change.isPending,
        disabled: permissions.length === 0,
        run: () => void add(),
      }}
    >
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {!query.data && !query.error && <LinesSkeleton />}
      {query.data && !api && (
        <p>
          {text.noApis} <Link to="/apis">{text.createApi}</Link>
        </p>
      )}
      {apis && api && open && (
        <>
          <NativeSelect
            label={text.api}
            value={api.id}
            data={apis.map(({ id, name, identifier }) => ({
              value: id,
              label: text.apiOption(name, identifier, picked.get(identifier)?.size ?? 0),
            }))}
            onChange={({ currentTarget: { value } }) => setChosen(value)}
          />
          {open.length === 0 ? (
            <p className="dim">{text.allHeld}</p>
          ) : (
            <PermissionPicker
              key={api.id}
              scopes={open}
              picked={picked.get(api.identifier) ?? new Set()}
              onPick={(names) => setPicked(new Map([...picked, [api.identifier, names]]))}
            />
          )}
        </>
      )}
    </Dialog>
  )
}
