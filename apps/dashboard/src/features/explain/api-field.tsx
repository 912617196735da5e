import { NativeSelect } from '@mantine/core'
import { useApis } from '../../shared/management/apis.ts'
import { fields } from './text.ts'

interface Props {
  /** The identifier of an API; empty: none is chosen. */
  chosen: string
  onChoose: (identifier: string) => void
  /** The option that stands for no API. */
  prompt: string
}

export function ApiField({ chosen, onChoose, prompt }: Props) {
  const { data = [] } = useApis()
  return (
    <NativeSelect
      className="filter-select"
      aria-label={fields.api}
      value={chosen}
      data={[
        { value: '', label: prompt },
        ...data.map(({ identifier, name }) => ({ value: identifier, label: name })),
      ]}
      onChange={({ currentTarget: { value } }) => onChoose(value)}
    />
  )
}
