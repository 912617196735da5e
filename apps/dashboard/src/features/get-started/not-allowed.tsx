import { Callout } from '../../shared/ui/tag.tsx'
import { common } from '../../strings/common.ts'

export function NotAllowed({ permission }: { permission: string }) {
  return <Callout>{`${common.notAllowed} ${common.notAllowedDetail(permission)}`}</Callout>
}
