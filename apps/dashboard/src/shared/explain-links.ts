/** A question about access, as the address has it. */
export interface Asked {
  /** The id of a user. */
  user: string
  /** The id of an application. */
  client: string
  /** The identifier of an API. */
  api: string
  permission: string
}

const link = (page: string) => (asked: Partial<Asked>) =>
  `/explain/${page}?${new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== '')).toString()}`

/** The pages that answer questions about access. */
export const explainLinks = {
  /** What may a user or an application do, and why? */
  may: link('may'),
  /** Who can do this? */
  who: link('who'),
  /** What would their token say? */
  claims: link('claims'),
}
