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
  hint: 'Tell it to them in person, or let them choose their own with “Forgot password”.',
  generate: 'Generate',
  show: 'Show the password',
  hide: 'Hide the password',
  generated: 'Copy it now: it is not shown again.',
}
