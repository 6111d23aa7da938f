import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { workerKinds } from '../../../fleet/kinds.ts'

test.each(workerKinds)('the %s worker listens for signals before it loads anything else', (kind) => {
  const source = readFileSync(new URL(`../../../workers/${kind}.ts`, import.meta.url), 'utf8')
  const imports = [...source.matchAll(/^import .* from '(.+)'$/gm)].map(([, from]) => from)
  expect(imports).toEqual(['../fleet/stop-signal.ts'])
  expect(source.indexOf('stopSignal()')).toBeLessThan(source.indexOf('await import('))
})

test('what listens for signals loads nothing', () => {
  const source = readFileSync(new URL('../../../fleet/stop-signal.ts', import.meta.url), 'utf8')
  expect(source).not.toMatch(/^import /m)
})
