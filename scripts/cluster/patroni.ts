import type { Member } from './member.ts'

/** A member as Patroni sees it. */
export interface MemberState {
  name: string
  /** `leader`, `sync_standby` or `replica`. */
  role: string
  state: string
}

/** Asks each member in turn. @returns an empty list while none answers */
export async function memberStates(members: readonly Member[]): Promise<MemberState[]> {
  for (const { restPort } of members) {
    const answer = await ask(restPort, '/cluster')
    if (answer === undefined) continue
    const { members: states }: { members: MemberState[] } = JSON.parse(answer)
    return states
  }
  return []
}

/** The member that holds the lease and has PostgreSQL as its primary. */
export async function findPrimary(members: readonly Member[]): Promise<Member | undefined> {
  const roles = await Promise.all(members.map(({ restPort }) => isPrimary(restPort)))
  return members.find((_, place) => roles[place])
}

async function isPrimary(restPort: number): Promise<boolean> {
  return (await ask(restPort, '/primary')) !== undefined
}

/** Hands the lease over to a standby that has all commits. */
export async function switchOver(leader: Member, candidate: string, password: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${leader.restPort}/switchover`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`patroni:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ leader: leader.name, candidate }),
    signal: AbortSignal.timeout(30_000),
  })
  if (!response.ok) throw new Error(`the switch-over failed: ${response.status} ${await response.text()}`)
}

/** @returns the body of a success; undefined for every other answer, and for none */
async function ask(restPort: number, path: string): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${restPort}${path}`, {
      signal: AbortSignal.timeout(2_000),
    })
    return response.ok ? await response.text() : undefined
  } catch {
    return undefined
  }
}
