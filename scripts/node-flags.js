import { join } from 'node:path'

/**
 * How Node.js runs the programs of this repository. With less room for young objects (the default is 16) the server is smaller under
 * load, and spends more time collecting them: docs/decisions/scale.md has the figures.
 */
export const nodeFlags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8']

/**
 * Environment of those programs. Compiled code is kept, so that a start takes the server a third less work and leaves it
 * 30 MB smaller; native memory comes from one arena and goes back to the system early, which is 10 MB more.
 * `npm run bench -- start` measures the sum.
 * @param {string} root of the repository
 */
export function memorySavers(root) {
  return {
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'),
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: '32768',
    MALLOC_TRIM_THRESHOLD_: '65536',
  }
}
