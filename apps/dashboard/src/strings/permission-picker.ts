export const picker = {
  filter: 'Filter by name or description',
  select: 'Select:',
  all: 'All',
  none: 'None',
  selected: (n: number, all: number) => `${n} of ${all} selected`,
  empty: 'This API declares no permissions yet.',
}
