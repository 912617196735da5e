/** Members whose value is a secret wherever they appear in a body, a query or a token answer. */
const secretMembers =
  /^(password|new_?password|old_?password|password_hash|custom_password_hash|secret|client_?secret|secret_?hash|signing_?secret|authorization|cookie|set-cookie|.*_token|token|ticket|code|code_verifier|client_assertion|assertion|private_?key|sealed_?jwk|api_?key|hash)$/i

const deepest = 8
const mostMembers = 200

/** A copy fit for the log: secrets replaced by `[redacted]`, very deep or wide values cut off. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.length > 4_096 ? `${value.slice(0, 4_096)}…` : value
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepest) return '…'
  if (Array.isArray(value)) return value.slice(0, mostMembers).map((item) => redact(item, depth + 1))
  return redactMembers(value, depth)
}

/** The same for an object, which stays one. */
export function redactMembers(object: object, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object)
      .slice(0, mostMembers)
      .map(([key, member]) => [key, secretMembers.test(key) ? '[redacted]' : redact(member, depth + 1)]),
  )
}
