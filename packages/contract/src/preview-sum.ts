import type { PreviewAnswer } from './preview.ts'

/** The numbers of a preview and of the answer that continues it. No user is counted in both. */
export function addPreview(sum: PreviewAnswer, part: PreviewAnswer): PreviewAnswer {
  const { next: _, ...rest } = sum
  const apis = new Set(sum.tokens.map(({ api }) => api))
  return {
    ...rest,
    gained: addEffects(sum.gained, part.gained),
    lost: addEffects(sum.lost, part.lost),
    users: addBoth(sum.users, part.users),
    applications: addBoth(sum.applications, part.applications),
    settings: [...sum.settings, ...part.settings],
    tokens: [...sum.tokens, ...part.tokens.filter(({ api }) => !apis.has(api))],
    complete: part.complete,
    ...(part.next !== undefined && { next: part.next }),
    examined: sum.examined + part.examined,
  }
}

type Effects = PreviewAnswer['lost']

function addEffects(sum: Effects, part: Effects): Effects {
  const added = new Map<string, Effects[number]>()
  for (const effect of [...sum, ...part]) {
    const key = JSON.stringify([effect.api, effect.permission])
    const { users = 0, applications = 0 } = added.get(key) ?? {}
    added.set(key, {
      ...effect,
      users: users + effect.users,
      applications: applications + effect.applications,
    })
  }
  return [...added.values()]
}

type Both = PreviewAnswer['users']

const addBoth = (sum: Both, part: Both): Both => ({
  gaining: sum.gaining + part.gaining,
  losing: sum.losing + part.losing,
})

/** From the widest to the narrowest. */
const subjectPolicies = ['allow_all', 'require_client_grant', 'deny_all']

const isNarrower = ({ before, after }: { before: string; after: string }) =>
  subjectPolicies.indexOf(after) > subjectPolicies.indexOf(before)

/** Whether a change of an API's settings takes something from its tokens. The numbers of a preview do not count it. */
export function takesFromTokens(setting: PreviewAnswer['settings'][number]): boolean {
  const {
    enforce_policies: rbac,
    permissions_claim: claim,
    user_policy: user,
    client_policy: client,
  } = setting
  return (
    (rbac.after && !rbac.before) || (claim.before && !claim.after) || isNarrower(user) || isNarrower(client)
  )
}
