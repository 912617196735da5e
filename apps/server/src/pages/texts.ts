/** Every sentence of the pages, by page. What is typed by people is filled in by the pages and escaped there. */
export const texts = {
  error: 'Error',
  email: 'Email address',
  password: 'Password',
  newPassword: 'New password',
  rules: 'Rules for the password:',
  requiredLength: (length: number) => `at least ${length} characters`,
  requiredKinds: (count: number, kinds: string) => `at least ${count} of these: ${kinds}`,
  kinds: {
    lowerCase: 'a lower case letter',
    upperCase: 'an upper case letter',
    numbers: 'a digit',
    specialCharacters: 'a special character such as ! or %',
  } as Record<string, string>,
  mostRepeated: (count: number) => `no more than ${count} identical characters in a row`,
  notCommon: 'not one of the most common passwords',
  support: 'Get help',

  login: {
    title: 'Log In',
    lead: (where: string) => `to continue to ${where}`,
    submit: 'Continue',
    forgot: 'Forgot password?',
    noAccount: 'No account yet?',
    signUp: 'Sign Up',
    passwordChanged: 'Your password was changed. Log in with the new one.',
    passkey: 'Log in with a passkey',
  },
  signUp: {
    title: 'Sign Up',
    lead: (where: string) => `to continue to ${where}`,
    submit: 'Create account',
    haveAccount: 'Have an account already?',
    logIn: 'Log In',
  },
  problems: {
    wrong: 'Wrong email or password.',
    blocked: 'This account is blocked. Ask an administrator for help.',
    not_moved: 'This account cannot be used here yet. Ask an administrator for help.',
    too_many_attempts: (wait: string) => `Too many attempts. Wait ${wait}, then try again.`,
    busy: 'The server is very busy. Try again in a moment.',
    exists: 'This account could not be created. If you have one already, log in instead.',
    invalid: 'Enter a valid email address.',
    disabled: 'New accounts cannot be created here.',
    weak: 'Choose a password that keeps the rules below.',
    common: 'This password is one of the most common ones. Choose another.',
    personal: 'This password resembles your address or name. Choose another.',
    connection:
      'This application does not accept the account you are logged in with. Log in with another one.',
    second_factor: 'This needs a second factor, and you have none yet. Log in again to set one up.',
    wrong_code: 'Wrong code, or one that was used already. Wait for the next one.',
    wrong_recovery_code: 'Wrong recovery code, or one that was used already.',
    offer_expired: 'This page was open for too long. Set up the app with the new code below.',
    too_many_methods: 'You have too many second factors. Remove one first.',
    factors_changed: 'Your second factors were changed in another window. Log in again.',
    wrong_key: 'This key was not accepted. Use one that you have set up here.',
    wrong_passkey:
      'This passkey was not accepted. It may have been removed, or is for another account. Log in another way.',
    key_expired: 'This page was open for too long. Try again.',
    key_copied:
      'This key was not accepted, because there may be a copy of it: it has counted fewer uses than are known here. Log in another way, remove the key from your account, and tell an administrator.',
    key_taken: 'This key is set up already. Use another one.',
    not_offered: 'This cannot be set up here.',
    expired: 'This page was open for too long, or in another window. Try again.',
  },
  providers: {
    label: 'Other ways to log in',
    continueWith: (provider: string) => `Continue with ${provider}`,
    problems: {
      provider_denied: (provider: string) =>
        `${provider} did not log you in, because you or ${provider} refused it.`,
      provider_unavailable: (provider: string) =>
        `${provider} does not answer at the moment. Try again later.`,
      provider_failed: (provider: string) =>
        `You could not be logged in with ${provider}. Try again. If this stays, tell the people who run this service.`,
      provider_not_fresh: (provider: string) =>
        `The application requires a fresh log-in, and ${provider} does not say that you have just logged in there.`,
      provider_expired: (provider: string) =>
        `The log-in with ${provider} took too long, or was used already. Try again.`,
      provider_disabled: (provider: string) => `Logging in with ${provider} is not enabled here any more.`,
      provider_blocked: (provider: string) =>
        `Your account for ${provider} is blocked here. Ask an administrator for help.`,
      provider_no_email: (provider: string) =>
        `${provider} did not send your email address, which is needed here. Allow it there, or add one to your account at ${provider}.`,
      provider_email_taken: (provider: string) =>
        `Another account at ${provider} uses your email address here. Ask an administrator for help.`,
      provider_sign_up_disabled: (provider: string) =>
        `You have no account here yet, and new ones cannot be created with ${provider}.`,
      provider_subject: (provider: string) =>
        `${provider} sent no name for your account that can be used here. Tell the people who run this service.`,
      provider_not_accepted: (provider: string) =>
        `Your account at ${provider} belongs to an account that this application does not accept.`,
    },
  },
  linkAccount: {
    title: 'Connect your accounts?',
    lead: (email: string) => `There is an account for ${email} here already.`,
    explain: (provider: string) =>
      `Enter its password to connect it with ${provider}. From then on you can log in both ways.`,
    password: 'Password of the account here',
    submit: 'Connect and continue',
    separate: 'Create a separate account',
    separateNote: (provider: string) =>
      `A separate account has none of your data and permissions, and you always log in to it with ${provider}.`,
    back: 'Log in another way',
  },
  /** What the script of a page with keys shows. */
  keyProblems: {
    cancelled: 'No key answered. Try again.',
    known: 'This key is set up already. Use another one.',
    failed: 'The browser could not ask for a key. Try again, or use another browser.',
  },
  secondStep: {
    totp: {
      title: 'Enter a code',
      lead: (email: string) => `from the authenticator app of ${email}`,
      label: 'Code with six digits',
      use: 'Use the authenticator app',
    },
    recovery: {
      title: 'Use a recovery code',
      lead: (email: string) => `for ${email}`,
      label: 'Recovery code',
      use: 'Use a recovery code',
    },
    key: {
      title: 'Use your security key',
      lead: (email: string) => `for ${email}`,
      how: 'Have your security key at hand. The browser says when to touch it.',
      submit: 'Use the key',
      use: 'Use a security key',
      missing: 'A security key needs JavaScript, and a browser that supports keys. Use another way to go on.',
    },
    submit: 'Continue',
    other: 'Log in with another account',
  },
  setUpTotp: {
    title: 'Set up a second factor',
    lead: (email: string) => `for ${email}`,
    scan: 'Scan this picture with an authenticator app on your phone.',
    alt: 'QR code for an authenticator app',
    type: 'Or type this key into the app:',
    label: 'Code with six digits that the app shows',
    submit: 'Continue',
    instead: 'Use an authenticator app instead',
  },
  setUpKey: {
    title: 'Set up a security key',
    lead: (email: string) => `for ${email}`,
    how: 'Have your security key at hand: a small device for USB or NFC. The browser says when to touch it.',
    submit: 'Set up the key',
    instead: 'Use a security key instead',
    missing: 'A security key needs JavaScript, and a browser that supports keys.',
  },
  recoveryCodes: {
    title: 'Second factor set up',
    lead: 'Keep these recovery codes. Each of them lets you log in once, without the second factor.',
    leadWithout: 'From now on you log in with it, after your password.',
    keep: 'They are shown only now. Print them, or store them in a password manager.',
    submit: 'Continue',
  },
  forgot: {
    title: 'Forgot your password?',
    lead: 'Enter your address, and a link for choosing a new password will be mailed to it.',
    submit: 'Send the link',
    back: 'Back to Log In',
  },
  forgotSent: {
    title: 'Check your mail',
    titleKept: 'Ask an administrator for the link',
    lead: (email: string) => `If there is an account for ${email}, a link is on its way to it.`,
    leadKept: (email: string) =>
      `This server sends no mail. If there is an account for ${email}, an administrator finds a link for it in the dashboard, under Settings, Mail.`,
    hint: 'The link works once, for one hour. Look into the spam folder too.',
    hintKept: 'The link works once, for one hour.',
    providers:
      'If you log in with another provider, your account has no password here, and no link is made. Use the button of that provider on the log-in page.',
  },
  reset: {
    title: 'Choose a new password',
    lead: (email: string) => `for ${email}`,
    submit: 'Change password',
    note: 'Everywhere you are logged in now, you will be logged out.',
  },
  resetDone: {
    title: 'Password changed',
    lead: 'From now on, log in with the new password.',
  },
  linkInvalid: {
    title: 'This link no longer works',
    lead: 'It was used already, has expired, or is not complete.',
    retry: 'Ask for a new link',
  },
  verify: {
    title: 'Confirm your address',
    lead: (email: string) => `for the account ${email}`,
    change: (email: string, replacement: string) => `${replacement}, for the account ${email}`,
    why: 'Your password shows that this account is yours.',
    submit: 'Confirm address',
    notMine: 'Was it not you who signed up, or is the password gone?',
    takeOver: 'Choose a new password',
  },
  verified: {
    title: 'Address confirmed',
    lead: (email: string) => `${email} is confirmed.`,
  },
  proceed: 'Continue',
  close: 'You can close this page.',
  logout: {
    title: 'Log Out?',
    lead: (tenant: string) => `You are logged in to ${tenant}.`,
    leadFor: (application: string) => `${application} asks to log you out.`,
    submit: 'Log Out',
    stay: 'Stay Logged In',
  },
  loggedOut: {
    title: 'You are logged out',
    lead: 'On a shared computer, close all windows of this browser.',
  },
  consent: {
    title: 'Allow access?',
    lead: (application: string) => `${application} would like to:`,
    user: (email: string) => `Logged in as ${email}`,
    audience: (name: string) => `With ${name}`,
    anyUse: 'call it in your name',
    accept: 'Allow',
    decline: 'Do not allow',
    protocol: {
      openid: 'know who you are',
      profile: 'read your name and picture',
      email: 'read your email address',
      offline_access: 'stay connected while you are away',
    } as Record<string, string>,
  },
  activate: {
    title: 'Connect a device',
    lead: 'Enter the code that your device shows.',
    label: 'Code',
    submit: 'Continue',
    again: 'Enter the code',
    problems: {
      wrong: 'This code is not valid. It was mistyped, has expired or was used already.',
      declined: 'The device was not connected.',
      expired: 'This page was open for too long, or in another window. Try again.',
      failed: 'The device could not be connected. Start again on the device.',
    },
  },
  confirmDevice: {
    title: 'Connect this device?',
    lead: (application: string) => `${application} would like to use your account.`,
    compare: 'Your device must show the code',
    warning: 'If it does not, or if somebody sent you this code, do not continue.',
    accept: 'Connect',
    decline: 'Do not connect',
  },
  deviceDone: {
    title: 'Device connected',
    lead: (application: string) => `Go on with ${application} on your device.`,
  },
  tooManyCodes: {
    title: 'Too many attempts',
    lead: 'Too many codes were entered from your network. Wait a few minutes, then try again.',
  },
  errorPage: {
    title: 'Something went wrong',
    lead: 'The application sent a request that cannot be answered.',
    ownLead: 'The server failed. Its log tells why.',
    advice: 'Go back to the application and try again.',
    report: 'If this stays, tell the people who run it what is written below.',
    reference: 'Reference',
    code: 'Error',
  },
  unavailable: {
    title: 'Not available at the moment',
    lead: 'The server cannot answer now. Wait a moment, then load this page again.',
  },
  tooLarge: {
    title: 'The request is too large',
    lead: 'The application sent more than the server accepts.',
  },
  interactionExpired: {
    title: 'This page has expired',
    lead: 'The log-in was begun too long ago, in another browser, or is already finished.',
  },
  noConnection: {
    title: 'You cannot log in to this application',
    lead: 'The application has no connection to log in with. In its settings, enable one.',
  },
  badReturnTo: {
    title: 'You are still logged in',
    lead: 'The application asked to go on at an address that is not among its allowed logout URLs.',
  },
} as const

/** A waiting time in words, rounded up: `40 seconds`, `2 minutes`. */
export function waitText(seconds: number): string {
  const [count, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
