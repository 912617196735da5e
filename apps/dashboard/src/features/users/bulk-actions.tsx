import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useCan, useSession } from '../../shared/auth/session.ts'
import { BulkDialog } from '../../shared/bulk/bulk-dialog.tsx'
import { DeleteSelected } from '../../shared/bulk/delete-selected.tsx'
import type { Picked } from '../../shared/bulk/selection.ts'
import { bulkBatch, type ChangedUser, useBulkUsers } from '../../shared/management/bulk.ts'
import { removals } from '../../shared/management/removals.ts'
import { useRoles } from '../../shared/management/roles.ts'
import { Failure } from '../../shared/ui/failure.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import { RolePicker } from './role-picker.tsx'
import { bulkUsers as text } from './text.ts'

interface DialogProps {
  picked: Picked
  onClose: (changed: boolean) => void
}

const userOf = ({ user_id }: ChangedUser) => user_id

type Kind = 'assign' | 'remove' | 'block' | 'unblock'

/** What can be done with several users. */
export function BulkActions({ picked, clear }: { picked: Picked; clear: () => void }) {
  const can = useCan()
  const [open, setOpen] = useState<Kind>()
  const close = (changed: boolean) => {
    setOpen(undefined)
    if (changed) clear()
  }
  const offered: Kind[] = [
    ...(can('update:users', 'read:roles') ? (['assign', 'remove'] as const) : []),
    ...(can('update:users') ? (['block', 'unblock'] as const) : []),
  ]
  const dialogs: Record<Kind, ReactNode> = {
    assign: <RolesDialog kind="assign" picked={picked} onClose={close} />,
    remove: <RolesDialog kind="remove" picked={picked} onClose={close} />,
    block: <BlockDialog kind="block" picked={picked} onClose={close} />,
    unblock: <BlockDialog kind="unblock" picked={picked} onClose={close} />,
  }
  return (
    <>
      {offered.map((kind) => (
        <Button key={kind} size="compact-sm" onClick={() => setOpen(kind)}>
          {text[kind].button}
        </Button>
      ))}
      {can('delete:users') && (
        <DeleteSelected text={text} picked={picked} clear={clear} removalOf={removals.user}>
          <Yourself picked={picked} />
        </DeleteSelected>
      )}
      {open && dialogs[open]}
    </>
  )
}

function RolesDialog({ kind, picked, onClose }: DialogProps & { kind: 'assign' | 'remove' }) {
  const query = useRoles()
  const bulk = useBulkUsers()
  const [roles, setRoles] = useState<ReadonlySet<string>>(new Set())
  const words = text[kind]
  return (
    <BulkDialog
      picked={picked}
      title={words.title(picked.size)}
      changes={
        kind === 'remove' && roles.size > 0
          ? [...picked.keys()].map((id) => removals.rolesOfUser(id, [...roles]))
          : undefined
      }
      action={{
        label: words.action(roles.size, picked.size),
        disabled: roles.size === 0,
        danger: kind === 'remove',
        batch: bulkBatch,
        run: (ids) => bulk[kind](ids, [...roles]),
        done: words.done,
      }}
      undo={{ keyOf: userOf, run: bulk.undo, done: text.undone }}
      onClose={onClose}
    >
      {query.error && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {!query.data && !query.error && <LinesSkeleton />}
      {query.data && <RolePicker roles={query.data} picked={roles} onPick={setRoles} />}
    </BulkDialog>
  )
}

function BlockDialog({ kind, picked, onClose }: DialogProps & { kind: 'block' | 'unblock' }) {
  const bulk = useBulkUsers()
  const words = text[kind]
  return (
    <BulkDialog
      picked={picked}
      title={words.title(picked.size)}
      changes={kind === 'block' ? [...picked.keys()].map(removals.blockUser) : undefined}
      action={{
        label: words.button,
        danger: kind === 'block',
        batch: bulkBatch,
        run: bulk[kind],
        done: words.done,
      }}
      undo={{ keyOf: userOf, run: bulk.undo, done: text.undone }}
      onClose={onClose}
    >
      <p>{words.body}</p>
      {kind === 'block' && <Yourself picked={picked} />}
    </BulkDialog>
  )
}

function Yourself({ picked }: { picked: Picked }) {
  const { user } = useSession()
  return picked.has(user.sub) && <Callout tone="danger">{text.yourself}</Callout>
}
