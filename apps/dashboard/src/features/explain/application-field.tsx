import { NativeSelect } from '@mantine/core'
import { useApplications } from '../../shared/management/applications.ts'
import { fields } from './text.ts'

interface Props {
  /** The id of an application; empty: none is chosen. */
  chosen: string
  onChoose: (id: string) => void
  /** The option that stands for no application. */
  prompt: string
}

export function ApplicationField({ chosen, onChoose, prompt }: Props) {
  const { data = [] } = useApplications()
  const isUnknown = chosen !== '' && !data.some(({ client_id }) => client_id === chosen)
  return (
    <NativeSelect
      className="filter-select"
      aria-label={fields.application}
      value={chosen}
      data={[
        { value: '', label: prompt },
        ...(isUnknown ? [{ value: chosen, label: chosen }] : []),
        ...data.map(({ client_id, name }) => ({ value: client_id, label: name })),
      ]}
      onChange={({ currentTarget: { value } }) => onChoose(value)}
    />
  )
}
