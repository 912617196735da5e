import { ActionIcon, Button } from '@mantine/core'
import { common } from '../text.ts'
import { Icon, type IconName } from './icon.tsx'

/** Begins to create or add something. */
export function AddButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button variant="filled" leftSection={<Icon name="plus" size={15} />} onClick={onClick}>
      {label}
    </Button>
  )
}

/** Takes the selected rows of a table away. */
export function RemoveButton({ onClick }: { onClick: () => void }) {
  return (
    <Button size="compact-sm" color="red" variant="outline" onClick={onClick}>
      {common.remove}
    </Button>
  )
}

/** A button in a row of a table. Its label names the row too, because screen readers list buttons without their rows. */
export function IconButton({ icon, label, onClick }: { icon: IconName; label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
      <Icon name={icon} />
    </ActionIcon>
  )
}
