const prefix = 'urn:rolecall:api:'

/**
 * An API's identifier is any text, a resource indicator must be an absolute URI without fragment (RFC 8707 §2).
 * Inside the protocol every audience travels as a URN; on the wire it is the identifier itself.
 */
export function toResource(audience: string): string {
  return prefix + Buffer.from(audience).toString('base64url')
}

export function fromResource(resource: string): string {
  return resource.startsWith(prefix)
    ? Buffer.from(resource.slice(prefix.length), 'base64url').toString()
    : resource
}
