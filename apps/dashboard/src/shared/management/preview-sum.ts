import type { PreviewAnswer } from '@rolecall/contract'

/** The parts of a preview as one answer. Each part has compared other users, and no user is in two. */
export function sumOf([first, ...others]: readonly [PreviewAnswer, ...PreviewAnswer[]]): PreviewAnswer {
  return others.reduce(
    (sum, part) => ({
      lost: sumOfEffects(sum.lost, part.lost),
      gained: sumOfEffects(sum.gained, part.gained),
      users: sumOfSubjects(sum.users, part.users),
      applications: sumOfSubjects(sum.applications, part.applications),
      settings: [...sum.settings, ...part.settings],
      // They are counted by API, whatever users are compared.
      tokens: [...new Map([...sum.tokens, ...part.tokens].map((one) => [one.api, one])).values()],
      complete: part.complete,
      examined: sum.examined + part.examined,
    }),
    first,
  )
}

type Effects = PreviewAnswer['lost']

function sumOfEffects(one: Effects, other: Effects): Effects {
  const sums = new Map<string, Effects[number]>()
  for (const { api, permission, users, applications } of [...one, ...other]) {
    const key = `${api} ${permission}`
    const sum = sums.get(key)
    sums.set(key, {
      api,
      permission,
      users: users + (sum?.users ?? 0),
      applications: applications + (sum?.applications ?? 0),
    })
  }
  return [...sums.values()]
}

const sumOfSubjects = (one: PreviewAnswer['users'], other: PreviewAnswer['users']) => ({
  gaining: one.gaining + other.gaining,
  losing: one.losing + other.losing,
})
