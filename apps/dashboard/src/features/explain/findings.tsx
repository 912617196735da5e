import { type TokenFinding, tokenFindings } from '@rolecall/contract'
import { Callout } from '../../shared/ui/tag.tsx'
import { Remedy } from './remedy.tsx'
import { token as text } from './text.ts'

interface Props {
  codes: readonly TokenFinding[]
  isVerified: boolean
  api: { id: string } | undefined
}

/** Each mistake in a sentence with its remedy, or that there is none. */
export function Findings({ codes, isVerified, api }: Props) {
  return (
    <div className="explain-findings">
      {codes.map((code) => (
        <Callout key={code} tone="warn">
          {tokenFindings[code]} <Remedy code={code} api={api} />
        </Callout>
      ))}
      {codes.length === 0 && (
        <Callout tone={isVerified ? 'ok' : 'plain'}>{isVerified ? text.good : text.goodUnverified}</Callout>
      )}
    </div>
  )
}
