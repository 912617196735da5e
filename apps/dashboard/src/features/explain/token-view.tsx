import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useCan } from '../../shared/auth/session.ts'
import { useApis } from '../../shared/management/apis.ts'
import { useApplications } from '../../shared/management/applications.ts'
import { number } from '../../shared/text.ts'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import { ApiField } from './api-field.tsx'
import { maxLength, otherKindOf, readPasted } from './pasted-token.ts'
import { Remedy } from './remedy.tsx'
import { useServerKeys } from './server-keys.ts'
import { token as text } from './text.ts'
import { TokenReport } from './token-report.tsx'

/**
 * Reads an access token that is pasted. It is kept in the memory of this page: it is in no address and in no storage, and
 * only a token that is signed with the secret of an API is sent to the server, which verifies it.
 */
export function TokenView() {
  const can = useCan()
  const [pasted, setPasted] = useState({ text: '', length: 0, count: 0 })
  const [expected, setExpected] = useState('')
  const paste = (typed: string) =>
    // A field with a megabyte of text makes the page slow, and no token is that long.
    setPasted(({ count }) => ({
      text: typed.length > maxLength ? '' : typed,
      length: typed.length,
      count: count + 1,
    }))
  return (
    <>
      <Section title={text.paste} description={text.privacy}>
        <div className="stack">
          <Textarea
            aria-label={text.field}
            placeholder="eyJhbGciOi…"
            value={pasted.text}
            onChange={({ currentTarget: { value } }) => paste(value)}
            rows={5}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            styles={{ input: { fontFamily: 'var(--mono)', fontSize: 13, overflowWrap: 'anywhere' } }}
          />
          <div className="row">
            {can('read:resource_servers') && (
              <ApiField chosen={expected} prompt={text.anyApi} onChoose={setExpected} />
            )}
            <Button disabled={pasted.length === 0} onClick={() => paste('')}>
              {text.clear}
            </Button>
          </div>
        </div>
      </Section>
      <div aria-live="polite">
        {pasted.length > maxLength ? (
          <Callout tone="warn">{text.tooLong(number(pasted.length))}</Callout>
        ) : (
          <Reading key={pasted.count} text={pasted.text} expected={expected} />
        )}
      </div>
    </>
  )
}

function Reading({ text: typed, expected }: { text: string; expected: string }) {
  const can = useCan()
  const keys = useServerKeys()
  const apis = useApis(can('read:resource_servers'))
  const applications = useApplications(can('read:clients'))
  const read = readPasted(typed)
  if ('problem' in read) {
    if (read.problem === 'empty') return null
    return (
      <Callout tone="warn">
        {text.problems[read.problem]}{' '}
        {read.problem === 'opaque' && <Remedy code="not_a_jwt" api={undefined} />}
      </Callout>
    )
  }
  const kind = otherKindOf(read, new Set(applications.data?.map(({ client_id }) => client_id)))
  return (
    <Loaded query={keys}>
      {(server) => (
        <>
          {read.trimmed.length > 0 && (
            <p className="dim small explain-trimmed">
              {text.trimmed(read.trimmed.map((what) => text.trimmings[what]))}
            </p>
          )}
          {apis.isLoading || applications.isLoading ? null : (
            <TokenReport
              pasted={read}
              kind={kind}
              server={server}
              apis={apis.data}
              expected={apis.data?.find(({ identifier }) => identifier === expected)}
            />
          )}
        </>
      )}
    </Loaded>
  )
}
