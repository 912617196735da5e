/** What Auth0 stores for a user without a picture: an address at Gravatar, whose fallback is at Auth0. */
const auth0Default =
  /^https:\/\/s\.gravatar\.com\/avatar\/[0-9a-f]{32}\?s=480&r=pg&d=https%3A%2F%2Fcdn\.auth0\.com%2Favatars%2F[^&]*\.png$/

/**
 * The address of a user's picture: the one that was given, or initials drawn by the issuer, so that no page that shows
 * it sends a request to a third party. Auth0's default counts as no picture.
 */
export function pictureUrl(
  issuer: string,
  { picture, name, email }: { picture: string; name: string; email: string },
): string {
  if (picture !== '' && !auth0Default.test(picture)) return picture
  return `${issuer}avatars/${encodeURIComponent(initials(name === email ? localPart(email) : name))}.svg`
}

const localPart = (email: string) => email.slice(0, Math.max(email.lastIndexOf('@'), 0))

/** The first letters of the first and the last word, or those two of a single one. */
function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? []
  const [first = '', last = ''] = [words[0], words.at(-1)]
  const letters =
    words.length > 1 ? [firstOf(first), firstOf(last)] : Array.from(first).filter(isLetter).slice(0, 2)
  return letters.map(upperCase).join('') || noInitials
}

const firstOf = (word: string) => Array.from(word)[0] ?? ''
const isLetter = (character: string) => /^[\p{L}\p{N}]$/u.test(character)

/** One character stays one: the capital of ß is two. */
function upperCase(character: string): string {
  const capital = character.toUpperCase()
  return Array.from(capital).length === 1 ? capital : character
}

/** The name of the picture for a name without letters. */
export const noInitials = 'none'
