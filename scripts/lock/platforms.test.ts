import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingPlatforms } from './platforms.ts'

const names = [
  '@tool/cli-darwin-arm64',
  '@tool/cli-linux-x64-gnu',
  '@tool/cli-linux-arm-musleabihf',
  'tool-helper',
]
const tool = {
  version: '2.0.0',
  dev: true,
  optionalDependencies: Object.fromEntries(names.map((name) => [name, '2.0.0'])),
}

test('names what the lock file lacks for other systems, with the conditions to install it', () => {
  assert.deepEqual(missingPlatforms({ 'node_modules/tool': tool }), {
    'node_modules/@tool/cli-darwin-arm64': {
      version: '2.0.0',
      cpu: ['arm64'],
      dev: true,
      optional: true,
      os: ['darwin'],
    },
    'node_modules/@tool/cli-linux-x64-gnu': {
      version: '2.0.0',
      cpu: ['x64'],
      dev: true,
      libc: ['glibc'],
      optional: true,
      os: ['linux'],
    },
    'node_modules/@tool/cli-linux-arm-musleabihf': {
      version: '2.0.0',
      cpu: ['arm'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    },
  })
})

test('a package for windows is one for win32', () => {
  const optionalDependencies = { 'tool-windows-x64-msvc': '2.0.0' }
  assert.deepEqual(missingPlatforms({ 'node_modules/tool': { optionalDependencies } }), {
    'node_modules/tool-windows-x64-msvc': { version: '2.0.0', cpu: ['x64'], optional: true, os: ['win32'] },
  })
})

test('leaves alone what is there, beside the package or above it', () => {
  const packages = {
    'node_modules/outer/node_modules/tool': tool,
    'node_modules/outer/node_modules/@tool/cli-darwin-arm64': {},
    'node_modules/@tool/cli-linux-x64-gnu': {},
    'node_modules/outer/node_modules/tool/node_modules/@tool/cli-linux-arm-musleabihf': {},
  }
  assert.deepEqual(missingPlatforms(packages), {})
})
