import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOf } from './network.ts'

const sameNetwork = {
  '203.0.113.7': [
    '203.0.113.7',
    ' 203.0.113.7',
    '::ffff:203.0.113.7',
    '::FFFF:cb00:7107',
    '0:0:0:0:0:ffff:203.0.113.7',
  ],
  '2001:db8:1:2::/64': [
    '2001:db8:1:2::1',
    '2001:0DB8:0001:0002:0000:0000:0000:0001',
    '2001:db8:1:2:ffff:ffff:ffff:ffff',
    '2001:db8:1:2::203.0.113.7',
    '2001:db8:1:2::1%eth0',
  ],
  '0:0:0:0::/64': ['::1', '0:0::1', '::'],
  '2001:db8:0:0::/64': ['2001:db8::', '2001:db8::5'],
  unknown: [
    '',
    'a',
    '203.0.113.700',
    '203.0.113',
    'localhost',
    '[::1]',
    'x'.repeat(10_000),
    '203.0.113.7, 198.51.100.1',
  ],
}

for (const [network, spellings] of Object.entries(sameNetwork))
  test(`${network} is the network of every spelling of it`, () => {
    for (const spelling of spellings) assert.equal(networkOf(spelling), network, spelling.slice(0, 60))
  })

test('neighbouring networks are different ones', () => {
  assert.notEqual(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'))
  assert.notEqual(networkOf('203.0.113.7'), networkOf('203.0.113.8'))
})
