import { isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** An IPv6 address that ends in an IPv4 address, every group written out. */
const maxLength = 45

/**
 * The network that guesses are counted against: an IPv4 address, or the /64 of an IPv6 one (what a household or a host
 * is given, so that its 2^64 addresses are one; CVE-2026-45364). Every spelling of an address gives the same text. What
 * is no address shares one network, so that a malformed proxy header is counted rather than let through (CVE-2024-47070).
 */
export function networkOf(ip: string): string {
  if (isIPv4(ip)) return ip
  const text = ip.trim().replace(/%.*$/, '')
  if (text.length > maxLength) return 'unknown'
  // `isValid` would take the numbers and octal digits that the C library takes.
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text
  if (!ipaddr.IPv6.isValid(text)) return 'unknown'
  const address = ipaddr.IPv6.parse(text)
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString()
  const groups = address.parts.slice(0, 4).map((group) => group.toString(16))
  return `${groups.join(':')}::/64`
}
