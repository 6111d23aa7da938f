import { describe, expect, test } from '@jest/globals'
import { commandLine } from '../../support/command-line.ts'

describe('millrace test', () => {
  test('runs the examples of a worker, and ends with 0 when all are as expected', async () => {
    const { exitCode, out } = await commandLine().run('test', 'test/unit/cli/modules/page-views.ts')
    expect(out).toBe('ok     page-views: two views of a page are counted\n1 example, 0 failed\n')
    expect(exitCode).toBe(0)
  })

  test('shows each record that is not as expected, and ends with 1', async () => {
    const { exitCode, out } = await commandLine().run('test', 'test/unit/cli/modules/loose.ts')
    expect(exitCode).toBe(1)
    expect(out).toMatch(/failed loose: expects the wrong count\n +events, record 1: expected .*7.*, but it is none/)
  })

  test('says which topic of an example nobody reads', async () => {
    const { out } = await commandLine().run('test', 'test/unit/cli/modules/loose.ts')
    expect(out).toContain('no source of the topology reads elsewhere')
  })

  test('ends with 1 where there are no examples', async () => {
    const { exitCode, errors } = await commandLine().run('test', 'test/unit/cli/modules/plain-topology.ts')
    expect(exitCode).toBe(1)
    expect(errors).toContain('has no examples')
  })
})
