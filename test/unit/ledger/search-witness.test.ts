import { expect, test } from '@jest/globals'
import { checkWhole } from '../../../bench/ledger/search-witness.ts'

test('an answer for a part of the shards is an error that names the first reason', () => {
  const _shards = { total: 600, failed: 100, failures: [{ reason: { type: 'too many scroll contexts' } }] }
  expect(() => checkWhole({ _shards }, 'logs-1')).toThrow(
    '100 of 600 shards of logs-1 did not answer: {"type":"too many scroll contexts"}',
  )
})

test('an answer of all shards is whole', () => {
  expect(() => checkWhole({ _shards: { total: 1, failed: 0 } }, 'logs-1')).not.toThrow()
})
