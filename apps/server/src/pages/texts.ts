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
    expired: 'This page was open for too long, or in another window. Try again.',
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
    lead: 'The login was begun too long ago, in another browser, or is already finished.',
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
