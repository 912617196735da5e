/** What `AUTH0_DOMAIN` holds: the bare host under https, as with Auth0; the whole origin under http. */
export function domainOf(issuer: string): string {
  const { protocol, host, origin } = new URL(issuer)
  return protocol === 'https:' ? host : origin
}
