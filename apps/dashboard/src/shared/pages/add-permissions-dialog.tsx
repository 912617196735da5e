import { NativeSelect } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { type ResourceServer, useApis } from '../management/apis.ts'
import { type PermissionChange, type PermissionRef, permissionRefs } from '../management/roles.ts'
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
  change: UseMutationResult<string[], Error, PermissionChange>
  /** What the message says afterwards. */
  added: (count: number) => string
  onClose: () => void
}

/** Picks permissions of APIs, to be given to a role or a user. */
export function AddPermissionsDialog({ title, held, change, added, onClose }: Props) {
  const query = useApis()
  const act = useAction()
  /** Names of permissions by the identifier of their API. */
  const [picked, setPicked] = useState<Picked>(new Map())
  const apis = query.data?.filter(({ scopes = [] }) => scopes.length > 0)
  const permissions = permissionRefs(picked)
  const add = async () => {
    const done = await act({
      run: () => change.mutateAsync({ add: permissions }),
      done: added(permissions.length),
      undoable: true,
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
      {apis && <PermissionsByApi apis={apis} held={held} picked={picked} onPick={setPicked} />}
    </Dialog>
  )
}

type Picked = ReadonlyMap<string, ReadonlySet<string>>

interface PickerProps {
  apis: ResourceServer[]
  held: PermissionRef[]
  picked: Picked
  onPick: (picked: Picked) => void
}

/** The permissions of one API at a time, of those that are not held. */
function PermissionsByApi({ apis, held, picked, onPick }: PickerProps) {
  const [chosen, setChosen] = useState<string>()
  const api = apis.find(({ id }) => id === chosen) ?? apis[0]
  if (!api)
    return (
      <p>
        {text.noApis} <Link to="/apis">{text.createApi}</Link>
      </p>
    )
  const taken = new Set(
    held
      .filter(({ resource_server_identifier }) => resource_server_identifier === api.identifier)
      .map(({ permission_name }) => permission_name),
  )
  const open = api.scopes?.filter(({ value }) => !taken.has(value)) ?? []
  return (
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
          onPick={(names) => onPick(new Map([...picked, [api.identifier, names]]))}
        />
      )}
    </>
  )
}
