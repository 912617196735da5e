// `npm run package`: builds the two packages into dist/, as tarballs that `npm install` and `npm publish` take.
import { join } from 'node:path'
import { root } from '../install.js'
import { packGuard, packServer } from './pack.ts'

const folder = join(root, 'dist')
console.log(await packGuard(folder))
console.log(await packServer(folder))
