import { isIPv4, isIPv6 } from 'node:net'

/**
 * The network that guesses are counted against: an IPv4 address, or the /64 of an IPv6 one (what a household or a host
 * is given, so that its 2^64 addresses are one; CVE-2026-45364). Every spelling of an address gives the same text. What
 * is no address shares one network, so that a malformed proxy header is counted rather than let through (CVE-2024-47070).
 */
export function networkOf(ip: string): string {
  const address = ip.trim().replace(/%.*$/, '')
  if (isIPv4(address)) return address
  if (!isIPv6(address)) return 'unknown'
  const groups = groupsOf(address)
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (mapped) return [groups[6], groups[7]].flatMap((group = 0) => [group >> 8, group & 255]).join('.')
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups of an IPv6 address; the URL parser writes every spelling the same way (WHATWG URL, 4.3). */
function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const left = numbers(head)
  const right = numbers(tail ?? '')
  return tail === undefined
    ? left
    : [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}

const numbers = (groups: string) =>
  groups.split(':').flatMap((group) => (group === '' ? [] : [Number.parseInt(group, 16)]))
