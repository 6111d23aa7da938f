import { describe, expect, test } from '@jest/globals'
import { checkName, NameGenerator } from '../../../src/topology/names.ts'

describe('generated names', () => {
  test('count through all operators with ten digits', () => {
    const names = new NameGenerator()
    expect(names.processor('KSTREAM-MAP-')).toBe('KSTREAM-MAP-0000000000')
    expect(names.store('KSTREAM-REDUCE-')).toBe('KSTREAM-REDUCE-STATE-STORE-0000000001')
  })

  test('a given name uses up a number, so that naming one operator does not rename the next', () => {
    const names = new NameGenerator()
    expect(names.orGenerated('mine', 'KSTREAM-MAP-')).toBe('mine')
    expect(names.suffixed('mine', '-source', 'KSTREAM-SOURCE-')).toBe('mine-source')
    expect(names.processor('KSTREAM-MAP-')).toBe('KSTREAM-MAP-0000000002')
  })

  test('generated names are distinguished from given ones', () => {
    const names = new NameGenerator()
    expect(names.isGenerated(`${names.processor('KSTREAM-JOINTHIS-')}-store`)).toBe(true)
    expect(names.isGenerated('orders-store')).toBe(false)
  })
})

describe('given names', () => {
  test.each([[''], ['.'], ['..'], ['a b'], ['ä'], ['x'.repeat(250)]])('%p is refused', (name) => {
    expect(() => checkName(name)).toThrow(expect.objectContaining({ code: 'TOPOLOGY_INVALID' }))
  })

  test.each([['a'], ['A-b_c.9'], ['x'.repeat(249)]])('%p is allowed', (name) => {
    expect(checkName(name)).toBe(name)
  })
})
