/** Who holds a permission, and through what. */
export interface ReviewRow {
  api: string
  permission: string
  /** An address or a name. */
  holder: string
  kind: 'user' | 'application'
  /** The name of a role; undefined for an assignment without one. */
  through: string | undefined
}

interface Sources {
  api: { name: string; scopes: readonly { value: string }[] }
  roles: readonly { id: string; name: string; members: readonly string[] }[]
  held: readonly { role_id: string; permission_name: string }[]
  direct: readonly { email: string; permission_name: string }[]
  applications: readonly { name: string; scope: readonly string[] }[]
}

/** By permission, as the API declares them, then through roles, directly, and applications. */
export function reviewOf({ api, roles, held, direct, applications }: Sources): ReviewRow[] {
  return api.scopes.flatMap(({ value: permission }) => {
    const row = (holder: string, kind: ReviewRow['kind'], through?: string): ReviewRow => ({
      api: api.name,
      permission,
      holder,
      kind,
      through,
    })
    const holding = new Set(
      held.filter(({ permission_name }) => permission_name === permission).map(({ role_id }) => role_id),
    )
    return [
      ...roles
        .filter(({ id }) => holding.has(id))
        .flatMap(({ name, members }) => members.map((email) => row(email, 'user', name))),
      ...direct
        .filter(({ permission_name }) => permission_name === permission)
        .map(({ email }) => row(email, 'user')),
      ...applications
        .filter(({ scope }) => scope.includes(permission))
        .map(({ name }) => row(name, 'application')),
    ]
  })
}

/** Values separated by commas (RFC 4180). */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(toField).join(',')}\r\n`).join('')
}

/** A spreadsheet runs a text that begins with one of these as a formula (CWE-1236). */
const formula = /^[=+\-@\t\r]/

function toField(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
