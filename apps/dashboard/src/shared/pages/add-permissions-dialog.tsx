import { NativeSelect } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { type ResourceServer, useApis } from '../management/apis.ts'
import type { PermissionRef } from '../management/roles.ts'
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

/** Picks permissions of one API, to be given to a role or a user. */
export function AddPermissionsDialog({ title, held, change, added, onClose }: Props) {
  const query = useApis()
  const act = useAction()
  const [chosen, setChosen] = useState<string>()
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const apis = query.data?.filter(({ scopes = [] }) => scopes.length > 0).toSorted(ownFirst)
  const api = apis?.find(({ id }) => id === chosen) ?? apis?.[0]
  const open = api?.scopes?.filter(
    ({ value }) =>
      !held.some((has) => has.permission_name === value && has.resource_server_identifier === api.identifier),
  )
  const add = async (resource_server_identifier: string) => {
    const permissions = [...picked].map((permission_name) => ({
      permission_name,
      resource_server_identifier,
    }))
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
        label: text.addN(picked.size),
        busy: change.isPending,
        disabled: picked.size === 0,
        run: () => void (api && add(api.identifier)),
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
            data={apis.map(({ id, name, identifier }) => ({ value: id, label: `${name} (${identifier})` }))}
            onChange={({ currentTarget: { value } }) => {
              setChosen(value)
              setPicked(new Set())
            }}
          />
          {open.length === 0 ? (
            <p className="dim">{text.allHeld}</p>
          ) : (
            <PermissionPicker key={api.id} scopes={open} picked={picked} onPick={setPicked} />
          )}
        </>
      )}
    </Dialog>
  )
}

/** The system's API comes last: it is rarely what is meant. */
function ownFirst(a: ResourceServer, b: ResourceServer): number {
  return Number(a.is_system ?? false) - Number(b.is_system ?? false) || a.name.localeCompare(b.name)
}
