import { common } from '../../shared/text.ts'
import { Callout } from '../../shared/ui/tag.tsx'

export function NotAllowed({ permission }: { permission: string }) {
  return <Callout>{`${common.notAllowed} ${common.notAllowedDetail(permission)}`}</Callout>
}
