import { domainToASCII, domainToUnicode } from 'node:url'

/**
 * Canonical forms of names and email addresses, for the `…_key` columns. Two spellings of one name have one key, so a
 * unique index on the key refuses the second. The original spelling is stored in a separate column.
 */

/** For names of users and roles, and for text that is searched: `foldText`, with the blanks at both ends removed. */
export function nameKey(name: string): string {
  return foldText(name).trim()
}

/**
 * NFC, lower case, one space for each run of white space, without invisible characters. A part of a name folds to a part
 * of the folded name, so this also prepares the parts of a search.
 */
export function foldText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase().replaceAll(/ {2,}/g, ' ')
  const visible = text.replaceAll(/\p{Default_Ignorable_Code_Point}+/gu, '').normalize('NFC')
  return lowerEach(visible).replaceAll('ς', 'σ').normalize('NFC').replaceAll(/\s+/gu, ' ')
}

/**
 * All spellings of an address are one account: NFC or NFD, upper or lower case, an internationalized domain in Unicode or
 * in Punycode. The domain is stored in Unicode, so that a search by a part of it finds it.
 */
export function emailKey(email: string): string {
  const trimmed = email.trim()
  const at = trimmed.lastIndexOf('@')
  if (at < 0) return nameKey(trimmed)
  return `${nameKey(trimmed.slice(0, at))}@${domainKey(trimmed.slice(at + 1))}`
}

/** The address as it is stored and mailed to: in lower case, otherwise as typed. */
export function storedEmail(email: string): string {
  const trimmed = email.trim()
  const at = trimmed.lastIndexOf('@') + 1
  return trimmed.slice(0, at).toLowerCase() + lowerEach(trimmed.slice(at))
}

/** Characters that `domainToASCII` decodes or reads as the end of a host name, because it parses URLs. */
const urlSyntax = /[/?#%:\\]/

/**
 * UTS #46 defines which spellings are one domain. A domain that it rejects, or that is not a host name, is compared like
 * a name. A trailing dot is ignored.
 */
export function domainKey(domain: string): string {
  return (internationalDomain(domain) || nameKey(domain)).replace(/\.$/, '')
}

function internationalDomain(domain: string): string | undefined {
  if (/^[\0-\x7f]*$/.test(domain) && !/xn--/i.test(domain)) return undefined
  if (urlSyntax.test(domain)) return undefined
  const ascii = domainToASCII(domain)
  const unicode = domainToUnicode(ascii)
  return domainToASCII(unicode) === ascii ? unicode : ascii
}

/** Lower-cases character by character: `toLowerCase` gives a sigma at the end of a word another form, so parts would not match. */
function lowerEach(text: string): string {
  if (!text.includes('Σ')) return text.toLowerCase()
  return Array.from(text, (character) => character.toLowerCase()).join('')
}
