const shownNames = 5

/** Texts that many pages share. The texts of a feature are in its own text.ts. */
export const common = {
  caseMatters: (other: string) =>
    `There is ${other} already. The two differ in upper and lower case only, and do not match each other.`,
  product: 'Rolecall',
  add: 'Add',
  all: 'All',
  none: 'None',
  cancel: 'Cancel',
  close: 'Close',
  copy: 'Copy',
  copied: 'Copied',
  create: 'Create',
  delete: 'Delete',
  description: 'Description',
  discard: 'Discard changes',
  download: 'Download',
  edit: 'Edit',
  email: 'Email',
  identifier: 'Identifier',
  loading: 'Loading',
  name: 'Name',
  never: 'never',
  next: 'Next',
  no: 'No',
  permission: 'Permission',
  previous: 'Previous',
  remove: 'Remove',
  retry: 'Try again',
  save: 'Save changes',
  saved: 'Saved',
  search: 'Search',
  system: 'System',
  undo: 'Undo',
  yes: 'Yes',
  required: 'This is required.',
  invalidEmail: 'Enter a valid email address.',
  skipToContent: 'Skip to content',
  openNavigation: 'Open navigation',
  readOnly: 'You may look at this, not change it.',
  restored: 'What you had typed is back. It is not saved yet.',
  unreachable: 'The server does not answer. Nothing was lost: try again when it is back.',
  sessionEnded: 'Your session has ended. You are being sent to log in, and back here afterwards.',
  failed: 'That did not work.',
  failedTitle: 'This page could not be loaded',
  notAllowed: 'Your roles do not allow this.',
  notAllowedDetail: (permissions: string) =>
    `It takes ${permissions}. Someone who manages roles here can give it to you.`,
  pageOf: (first: number, last: number, total: number) =>
    `${number(first)}–${number(last)} of ${number(total)}`,
  pageFrom: (first: number, last: number) => `${number(first)}–${number(last)}`,
  /** The first of several names, and how many there are besides. */
  some: (names: readonly string[]): string => {
    const more = names.length - shownNames
    return names.slice(0, shownNames).join(', ') + (more > 0 ? ` ${common.andMore(more)}` : '')
  },
  /** What an undo has not reversed. */
  leftSince: (names: readonly string[]): string =>
    `Changed or deleted in the meantime, and left as it is: ${common.some(names)}.`,
  andMore: (n: number) => `and ${number(n)} more`,
  count: (n: number, one: string, many: string) => `${number(n)} ${n === 1 ? one : many}`,
  noMatch: (text: string) => `Nothing matches “${text}”.`,
  noneFiltered: 'Nothing passes these filters.',
  clearSearch: 'Clear the search',
}

const formatter = new Intl.NumberFormat('en')
export const number = (n: number): string => formatter.format(n)

const units = [
  [86_400, 'day', 'days'],
  [3_600, 'hour', 'hours'],
  [60, 'minute', 'minutes'],
] as const

/** A number of seconds in the largest unit that fits without a rest. */
export function lasting(seconds: number): string {
  const [size, one, many] =
    units.find(([unit]) => seconds % unit === 0) ?? ([1, 'second', 'seconds'] as const)
  return common.count(seconds / size, one, many)
}
