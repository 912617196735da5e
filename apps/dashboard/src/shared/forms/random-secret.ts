const alphabet = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** 24 random characters of four kinds: 139 bits, and within every password policy. */
export function randomPassword(): string {
  return Array.from({ length: 6 }, () => group(4)).join('-')
}

/** 256 random bits in hexadecimal digits, as `.env` files want secrets. */
export function randomSecret(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

function group(length: number): string {
  let text = ''
  while (text.length < length) {
    // Bytes beyond the last whole multiple of the alphabet would make its first letters likelier.
    const [byte = 255] = crypto.getRandomValues(new Uint8Array(1))
    if (byte < 256 - (256 % alphabet.length)) text += alphabet[byte % alphabet.length]
  }
  return text
}
