import { describe, expect, test } from '@jest/globals'
import { commandLine } from '../../support/command-line.ts'

const loose = 'test/unit/cli/modules/loose.ts'
const named = 'test/unit/cli/modules/page-views.ts'

interface Findings {
  readonly findings: readonly { readonly code: string; readonly name: string }[]
}
async function found(...args: string[]): Promise<readonly (readonly [string, string])[]> {
  const { out } = await commandLine().run('lint', ...args, '--json')
  return (JSON.parse(out) as Findings).findings.map(({ code, name }) => [code, name] as const)
}

describe('millrace lint', () => {
  test('finds what fails some day, each by its code and its name', async () => {
    expect(await found(loose)).toEqual([
      ['STORE_NAME', expect.stringMatching(/STORE-\d{10}$/)],
      ['REPARTITION_NAME', expect.stringMatching(/\d{10}-repartition$/)],
      ['GRACE_MISSING', 'per-minute'],
      ['SUPPRESS_UNBOUNDED', 'final'],
      ['HANDLER_MISSING', 'events'],
      ['SINK_MISSING', 'to-search'],
      ['TOPIC_LOOP', 'events'],
    ])
  })

  test('says in a sentence what is wrong and what to do, and ends with 1', async () => {
    const { exitCode, out } = await commandLine().run('lint', loose)
    expect(exitCode).toBe(1)
    expect(out).toMatch(/^loose: GRACE_MISSING: per-minute has windows without grace.*: set graceMs/m)
  })

  test('ends with 0 where nothing is found', async () => {
    const { exitCode, out } = await commandLine({ environment: { DEAD_LETTER_TOPIC: 'letters' } }).run('lint', named)
    expect(out).toBe(`nothing found in ${named}\n`)
    expect(exitCode).toBe(0)
  })

  test('leaves out the rules that are ignored', async () => {
    expect(await found(named, '--ignore', 'HANDLER_MISSING')).toEqual([])
  })

  test('refuses to ignore a rule that does not exist', async () => {
    const { exitCode, errors } = await commandLine().run('lint', named, '--ignore', 'GRACE')
    expect(exitCode).toBe(2)
    expect(errors).toContain('GRACE_MISSING')
  })
})
