import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { commands } from './commands.ts'
import { testTerminal } from './testing.ts'

const execute = promisify(execFile)

describe('the command line', () => {
  it('lists every command and the exit codes, and prints examples of each command', async (t) => {
    const { run } = await testTerminal(t)
    const overview = await run('--help')
    assert.equal(overview.code, 0)
    assert.match(overview.out, /^ {2}64 +the command line/m)
    for (const { name, examples } of commands) {
      assert.match(overview.out, new RegExp(`^  ${name}( |$)`, 'm'))
      const help = await run(...name.split(' '), '--help')
      assert.equal(help.code, 0)
      for (const example of examples) assert.ok(help.out.includes(example), `${name}: ${example}`)
      assert.ok(
        examples.some((example) => example.includes(`rolecall ${name}`)),
        name,
      )
    }
  })

  for (const [args, message] of [
    [['plann'], 'plann is not a command. rolecall --help lists them.'],
    [['login', '--nonsense'], "Unknown option '--nonsense'. See: rolecall login --help"],
    [['completion'], 'SHELL is missing. See: rolecall completion --help'],
    [['completion', 'bash', 'zsh'], 'Unexpected argument zsh. See: rolecall completion --help'],
    [['completion', 'tcsh'], 'There is a completion for bash, zsh, fish, and not for tcsh.'],
    [['api', 'FETCH', '/roles'], 'FETCH is not one of GET, POST, PATCH, PUT, DELETE.'],
    [['api', 'GET', 'roles'], 'roles must begin with a slash, such as /roles.'],
    [
      ['api', 'GET', '/roles'],
      'No tenant is chosen. Set ROLECALL_ISSUER, ROLECALL_CLIENT_ID and ROLECALL_CLIENT_SECRET, or log in with rolecall login.',
    ],
    [['api', 'GET', '/roles', '--profile', 'p'], 'There is no profile p. rolecall profiles lists them.'],
    [
      ['login', '--issuer', 'http://login.example.com', '--client-id', 'c'],
      'http://login.example.com must begin with https:, because credentials are sent to it.',
    ],
    [['login', '--issuer', 'http://127.0.0.1.example.com', '--client-id', 'c'], /must begin with https:/],
    [
      ['login', '--issuer', 'https://user:secret@x.test', '--client-id', 'c'],
      /is not the address of a server/,
    ],
  ] as const)
    it(`refuses \`rolecall ${args.join(' ')}\` with exit code 64`, async (t) => {
      const { run } = await testTerminal(t)
      const { code, out, notes } = await run(...args)
      assert.deepEqual([code, out], [64, ''])
      if (typeof message === 'string') assert.equal(notes, message)
      else assert.match(notes, message)
    })

  it('prints a completion that bash can run, and that completes commands, options and choices', async (t) => {
    const { run } = await testTerminal(t)
    const { out: script } = await run('completion', 'bash')
    const complete = async (...words: string[]) => {
      const quoted = ['rolecall', ...words].map((word) => `'${word}'`).join(' ')
      const program = `${script}\nCOMP_WORDS=(${quoted})\nCOMP_CWORD=${words.length}\n_rolecall\nprintf '%s\\n' "\${COMPREPLY[@]}"`
      const { stdout } = await execute('bash', ['--norc', '-c', program])
      return stdout.split('\n').filter((line) => line !== '')
    }
    const words = new Set(commands.map(({ name }) => name.split(' ')[0]))
    assert.deepEqual(new Set(await complete('')), words)
    assert.deepEqual(await complete('logi'), ['login'])
    assert.deepEqual(await complete('login', '--d'), ['--device'])
    assert.deepEqual(await complete('login', '--issuer', 'https://login.example.com', '--d'), ['--device'])
  })
})
