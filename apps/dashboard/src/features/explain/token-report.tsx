import type { ResourceServer, TokenSignature } from '@rolecall/contract'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import { useConfiguration } from '../../shared/configuration-context.ts'
import { useSignatureByServer } from '../../shared/management/explain.ts'
import { number } from '../../shared/text.ts'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import { Time } from '../../shared/ui/time.tsx'
import {
  apiOf,
  explainRequestOf,
  findingsOf,
  isSignedAsBefore,
  isSignedWithSecret,
  subjectOf,
} from './examination.ts'
import { Findings } from './findings.tsx'
import { type OtherJwt, type PastedToken, typeOf } from './pasted-token.ts'
import { type useServerKeys, verifySignature } from './server-keys.ts'
import { token as text } from './text.ts'
import { ThenAndNow } from './then-and-now.tsx'

interface Props {
  pasted: PastedToken
  kind: OtherJwt | undefined
  server: NonNullable<ReturnType<typeof useServerKeys>['data']>
  /** Undefined for a person who may not read them. */
  apis: readonly ResourceServer[] | undefined
  /** The API that should accept the token, where it is not the one of its audience. */
  expected: ResourceServer | undefined
}

/** What is wrong with a token, what it says, and what it would say now. */
export function TokenReport({ pasted, kind, server, apis, expected }: Props) {
  const { issuer } = useConfiguration()
  const own = apiOf(pasted, apis ?? [])
  const api = expected ?? own
  const signature = useSignature(pasted, server, own)
  const [now] = useState(() => Math.floor((Date.now() + server.clockAhead) / 1000))
  if (signature === undefined) return null
  return (
    <>
      {kind ? (
        <div className="explain-findings">
          <Callout tone="warn">{text.kinds[kind]}</Callout>
        </div>
      ) : (
        <Findings
          codes={findingsOf(pasted, { signature, issuer, now, api, knowsApis: apis !== undefined })}
          isVerified={signature === 'valid'}
          api={api}
        />
      )}
      <Facts pasted={pasted} signature={signature} api={own} clockAhead={server.clockAhead} />
      {!kind && own && signature !== 'invalid' && <ThenAndNow pasted={pasted} api={own} />}
      <div className="columns explain-raw">
        <CodeBlock label={text.payload} code={JSON.stringify(pasted.claims, null, 2)} />
        <CodeBlock label={text.header} code={JSON.stringify(pasted.header, null, 2)} />
      </div>
    </>
  )
}

/** Verified here, or by the server where only it can. Undefined while it is being verified. */
function useSignature(
  pasted: PastedToken,
  server: Props['server'],
  api: ResourceServer | undefined,
): TokenSignature | undefined {
  const isSecret = isSignedWithSecret(pasted, api)
  const here = useQuery({
    queryKey: ['token-signature', pasted.token, server.keys],
    queryFn: () => verifySignature(pasted.token, server.keys),
    enabled: !isSecret,
    gcTime: 0,
  })
  const byServer = useSignatureByServer(isSecret ? explainRequestOf(pasted, api) : undefined)
  if (isSignedAsBefore(pasted, api)) return 'unknown_key'
  if (!isSecret) return here.data
  return byServer.isLoading ? undefined : (byServer.data ?? 'not_checked')
}

interface FactsProps {
  pasted: PastedToken
  signature: TokenSignature
  api: ResourceServer | undefined
  clockAhead: number
}

function Facts({ pasted: { token, header, claims }, signature, api, clockAhead }: FactsProps) {
  const { user, client } = subjectOf({ claims })
  const isRfc9068 = typeOf(header) === 'at+jwt'
  const facts: [name: string, value: ReactNode][] = [
    [text.signature, text.signatures[signature]],
    [
      text.key,
      [header['alg'], header['kid']]
        .filter((one) => one !== undefined)
        .map(String)
        .join(', '),
    ],
    [text.issuer, show(claims['iss'])],
    [
      text.audience,
      <>
        {[claims['aud']].flat().map(show).join(', ')} {api && <Link to={`/apis/${api.id}`}>{api.name}</Link>}
      </>,
    ],
    [
      text.subject,
      user ? <Link to={`/users/${encodeURIComponent(user)}`}>{user}</Link> : show(claims['sub']),
    ],
    [text.application, client && <Link to={`/applications/${encodeURIComponent(client)}`}>{client}</Link>],
    [text.issuedAt, <Moment key="iat" seconds={claims['iat']} />],
    [text.expiresAt, <Moment key="exp" seconds={claims['exp']} />],
    [text.serverClock, text.clock(Math.round(clockAhead / 1000))],
    [text.dialect, text.dialects(isRfc9068, 'permissions' in claims)],
    [text.size, text.bytes(number(token.length))],
    ...(isBound(claims) ? [[text.bound, text.boundTo] satisfies [string, string]] : []),
  ]
  return (
    <Section title={text.facts}>
      <dl className="explain-facts">
        {facts.map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      </dl>
    </Section>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children || <span className="dim">{text.absent}</span>}</dd>
    </>
  )
}

/** A key has to be proved (RFC 9449 §6). */
const isBound = ({ cnf }: Record<string, unknown>): boolean =>
  typeof cnf === 'object' && cnf !== null && 'jkt' in cnf

const show = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)

const latestSeconds = 8_640_000_000_000

/** A claim may have any value, and a date cannot hold each number. */
function Moment({ seconds }: { seconds: unknown }) {
  if (typeof seconds !== 'number' || Math.abs(seconds) > latestSeconds) return show(seconds)
  return <Time value={new Date(seconds * 1000).toISOString()} seconds />
}
