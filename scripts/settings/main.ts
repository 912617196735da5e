// `npm run settings`: writes the table of settings in docs/guides/operating.md.
import { writeReference } from './reference.ts'

writeReference()
console.log('The table of settings is up to date.')
