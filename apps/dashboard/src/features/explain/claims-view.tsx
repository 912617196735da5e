import { TextInput } from '@mantine/core'
import type { ClaimsAnswer } from '@rolecall/contract'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useApis } from '../../shared/management/apis.ts'
import { useClaims } from '../../shared/management/explain.ts'
import { UserField } from '../../shared/pages/user-field.tsx'
import { lasting } from '../../shared/text.ts'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import { useSearchChange, withFilter } from '../../shared/url-state.ts'
import { ApiField } from './api-field.tsx'
import { ApplicationField } from './application-field.tsx'
import { placeOf } from './decided-at.ts'
import { fields, claims as text } from './text.ts'
import { useAsked } from './use-asked.ts'

/** What would a token say that is issued now? */
export function ClaimsView() {
  const [{ user, client, api }, ask] = useAsked()
  const [search] = useSearchParams()
  const scope = search.get('scope') ?? ''
  return (
    <>
      <div className="toolbar explain-fields">
        <UserField chosen={user || undefined} prompt={fields.noUser} onChoose={(id) => ask({ user: id })} />
        <ApplicationField
          chosen={client}
          prompt={fields.chooseApplication}
          onChoose={(id) => ask({ client: id })}
        />
        <ApiField
          chosen={api}
          prompt={fields.chooseApi}
          onChoose={(identifier) => ask({ api: identifier, permission: '' })}
        />
        <ScopeField key={scope} scope={scope} />
      </div>
      {client && api ? (
        <Predicted user={user} client={client} api={api} scope={scope} />
      ) : (
        <EmptyState icon="question" title={text.chooseTitle}>
          {text.chooseBody}
        </EmptyState>
      )}
    </>
  )
}

/** Taken over with Enter, or when the field is left: each change is a request to the server. */
function ScopeField({ scope }: { scope: string }) {
  const change = useSearchChange()
  const [typed, setTyped] = useState(scope)
  const take = () => {
    if (typed.trim() !== scope) change((old) => withFilter(old, 'scope', typed.trim()), { replace: true })
  }
  return (
    <form
      className="search-field"
      onSubmit={(event) => {
        event.preventDefault()
        take()
      }}
    >
      <TextInput
        aria-label={text.scope}
        placeholder={text.scope}
        spellCheck={false}
        value={typed}
        onChange={({ currentTarget: { value } }) => setTyped(value)}
        onBlur={take}
      />
    </form>
  )
}

function Predicted({
  user,
  client,
  api,
  scope,
}: {
  user: string
  client: string
  api: string
  scope: string
}) {
  const query = useClaims({
    ...(user && { user_id: user }),
    client_id: client,
    api,
    ...(scope && { scope }),
  })
  const apis = useApis()
  const id = apis.data?.find(({ identifier }) => identifier === api)?.id ?? ''
  return (
    <Loaded query={query}>
      {(answer) =>
        answer.issued ? (
          <Section title={text.issued} description={descriptionOf(answer)}>
            <CodeBlock label={text.payload} code={JSON.stringify(answer.claims, null, 2)} />
          </Section>
        ) : (
          <Refused answer={answer} user={user} client={client} api={id} />
        )
      }
    </Loaded>
  )
}

const descriptionOf = ({ expires_in = 0, consent_required }: ClaimsAnswer): string =>
  [text.validFor(lasting(expires_in)), ...(consent_required ? [text.consent] : [])].join(' ')

function Refused({
  answer: { refusals },
  user,
  client,
  api,
}: {
  answer: ClaimsAnswer
  user: string
  client: string
  api: string
}) {
  const concerned = {
    api: { id: api },
    application: { client_id: client },
    user: user ? { user_id: user } : undefined,
  }
  return (
    <Callout tone="warn">
      <strong>{text.refused}</strong>
      {refusals.map(({ code, message }) => {
        const place = placeOf(code, concerned)
        return (
          <p key={code}>
            {message} {place && <Link to={place.to}>{place.label}</Link>}
          </p>
        )
      })}
    </Callout>
  )
}
