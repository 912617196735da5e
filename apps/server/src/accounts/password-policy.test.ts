import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  findPasswordProblem,
  type PasswordPolicyOptions,
  passwordRules,
  ruleText,
} from './password-policy.ts'

const owner = { email: 'Rosalind.Meyer@example.com', name: 'Rosalind Meyer' }
const problemOf = async (password: string, options: PasswordPolicyOptions = {}) =>
  (await findPasswordProblem(password, options, owner))?.name

test('without settings a password has eight characters and no rule of composition (ASVS 6.2.1, 6.2.5)', async () => {
  assert.equal(await problemOf('tractor'), 'PasswordStrengthError')
  assert.equal(await problemOf('xtractor'), undefined)
  assert.equal(await problemOf('allloweronlytwentyxx'), undefined)
  for (const length of [64, 128, 1024])
    assert.equal(await problemOf('orange tractor '.repeat(80).slice(0, length)), undefined)
  assert.equal(await problemOf('ab'.repeat(600)), 'PasswordStrengthError')
})

test('a common password is refused, whatever its case (ASVS 6.2.4)', async () => {
  for (const common of ['password123', 'Password123', 'qwertyuiop', '1234567890', 'iloveyou1'])
    assert.equal(await problemOf(common), 'PasswordDictionaryError', common)
})

test("a tenant's own list of words is refused too, once it is switched on", async () => {
  const dictionary = ['RedTractors']
  assert.equal(
    await problemOf('redtractors', { password_dictionary: { enable: true, dictionary } }),
    'PasswordDictionaryError',
  )
  assert.equal(
    await problemOf('redtractors', { password_dictionary: { enable: false, dictionary } }),
    undefined,
  )
})

test('a password that is the address or its local part is refused', async () => {
  assert.equal(await problemOf('rosalind.meyer@example.com'), 'PasswordNoUserInfoError')
  assert.equal(await problemOf('ROSALIND.MEYER'), 'PasswordNoUserInfoError')
  assert.equal(await problemOf('rosalind tractor'), undefined)
  assert.equal(
    await problemOf('rosalind tractor', { password_no_personal_info: { enable: true } }),
    'PasswordNoUserInfoError',
  )
})

const table: Array<[PasswordPolicyOptions, string, boolean]> = [
  [{ passwordPolicy: 'none' }, 'xtractor', true],
  [{ passwordPolicy: 'low' }, 'xtractor', true],
  [{ passwordPolicy: 'low' }, 'tractor', false],
  [{ passwordPolicy: 'low', password_complexity_options: { min_length: 12 } }, 'xtractor', false],
  [{ passwordPolicy: 'fair' }, 'xtractor', false],
  [{ passwordPolicy: 'fair' }, 'xTractor1', true],
  [{ passwordPolicy: 'fair' }, 'xTractor!', false],
  [{ passwordPolicy: 'good' }, 'xTractor!', true],
  [{ passwordPolicy: 'good' }, 'xtractor 1', true],
  [{ passwordPolicy: 'good' }, 'xtractor1', false],
  [{ passwordPolicy: 'excellent' }, 'xTracto1', false],
  [{ passwordPolicy: 'excellent' }, 'xTractors1', true],
  [{ passwordPolicy: 'excellent' }, 'xTractorrr1', false],
]
for (const [options, password, accepted] of table)
  test(`${JSON.stringify(options)} ${accepted ? 'takes' : 'refuses'} ${password}`, async () => {
    assert.equal(await problemOf(password, options), accepted ? undefined : 'PasswordStrengthError')
  })

test('a weak password is answered with every rule and which of them holds, in the words that Auth0 clients parse', async () => {
  const problem = await findPasswordProblem('tractors', { passwordPolicy: 'good' }, owner)
  assert.ok(problem?.name === 'PasswordStrengthError')
  assert.deepEqual(
    problem.rules.map(({ code, verified }) => [code, verified]),
    [
      ['lengthAtLeast', true],
      ['containsAtLeast', false],
    ],
  )
  assert.deepEqual(
    problem.rules[1]?.items?.map(({ code, verified }) => [code, verified]),
    [
      ['lowerCase', true],
      ['upperCase', false],
      ['numbers', false],
      ['specialCharacters', false],
    ],
  )
  assert.match(
    problem.policy,
    /^\* At least 8 characters in length\n\* Contain at least 3 of the following 4 types of characters:\n {2}\* lower case/,
  )
})

test('the rules can be listed before there is a password', () => {
  assert.deepEqual(passwordRules({ passwordPolicy: 'excellent' }).map(ruleText), [
    'At least 10 characters in length',
    'Contain at least 3 of the following 4 types of characters:',
    'No more than 2 identical characters in a row (e.g., "aaa" not allowed)',
  ])
})

test('a megabyte is refused, and so is half a surrogate pair', async () => {
  assert.equal(
    await problemOf('aA1!'.repeat(250_000), { passwordPolicy: 'excellent' }),
    'PasswordStrengthError',
  )
  assert.equal(await problemOf('tractors \ud800'), 'PasswordStrengthError')
})
