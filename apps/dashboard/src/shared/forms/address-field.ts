/**
 * An email address is a text to the browser: for `type="email"` Chromium gives another domain than was typed (punycode), and
 * what is an address is the server's to say.
 */
export const addressField = {
  inputMode: 'email',
  autoCapitalize: 'none',
  autoCorrect: 'off',
  spellCheck: false,
} as const
