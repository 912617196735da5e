import { NativeSelect } from '@mantine/core'
import { useApis } from '../management/apis.ts'
import { byName } from '../match.ts'
import { common } from '../text.ts'
import { permissionFields as text } from './text.ts'

interface Props {
  /** The identifier of an API; empty: none is chosen. */
  api: string
  permission: string
  /** The options that stand for no choice. */
  anyApi: string
  anyPermission: string
  onChange: (api: string, permission: string) => void
}

/** Chooses a permission. It belongs to an API, so the API is chosen first. */
export function PermissionFields({ api, permission, anyApi, anyPermission, onChange }: Props) {
  const { data = [] } = useApis()
  const scopes = data.find(({ identifier }) => identifier === api)?.scopes ?? []
  const names = scopes.map(({ value }) => value).toSorted(byName((value) => value))
  return (
    <>
      <NativeSelect
        className="filter-select"
        aria-label={text.api}
        value={api}
        data={[
          { value: '', label: anyApi },
          ...withUnknown(
            api,
            data.map(({ identifier, name }) => ({ value: identifier, label: name })),
          ),
        ]}
        onChange={({ currentTarget }) => onChange(currentTarget.value, '')}
      />
      {api !== '' && (
        <NativeSelect
          className="filter-select"
          aria-label={common.permission}
          value={permission}
          data={[
            { value: '', label: anyPermission },
            ...withUnknown(
              permission,
              names.map((value) => ({ value, label: value })),
            ),
          ]}
          onChange={({ currentTarget }) => onChange(api, currentTarget.value)}
        />
      )}
    </>
  )
}

interface Option {
  value: string
  label: string
}

/** The address may name what does not exist, or does not exist any more. */
function withUnknown(chosen: string, options: Option[]): Option[] {
  const isKnown = chosen === '' || options.some(({ value }) => value === chosen)
  return isKnown ? options : [{ value: chosen, label: chosen }, ...options]
}
