export const conflict = {
  title: 'Somebody else has saved in the meantime',
  body: 'Your changes are not saved yet, and nothing is lost. Here is what differs.',
  field: 'Field',
  theirs: 'Saved by them',
  yours: 'Typed by you',
  keepMine: 'Save mine over theirs',
  takeTheirs: 'Take theirs',
}

export const password = {
  label: 'Password',
  generate: 'Generate',
  show: 'Show the password',
  hide: 'Hide the password',
  policies: {
    none: 'At least 8 characters',
    low: 'At least 8 characters',
    fair: 'At least 8 characters: lower case, upper case and digits',
    good: 'At least 8 characters, of 3 of these kinds: lower case, upper case, digits, special characters',
    excellent:
      'At least 10 characters, of 3 of these kinds: lower case, upper case, digits, special characters. None 3 times in a row',
  },
  tooWeak: (rule: string) => `Too weak. ${rule}.`,
  tooCommon: 'This is one of the most common passwords. Choose another one.',
  personal: 'It contains the email or the name of the user. Choose another one.',
  generated: 'Copy it now: it is not shown again.',
}
