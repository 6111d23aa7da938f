import { beforeEach, describe, expect, test } from '@jest/globals'
import type { AuditEntry } from '../../../src/cli/audit.ts'
import { json, long, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { type CommandLine, commandLine } from '../../support/command-line.ts'

const pageViews = 'test/unit/cli/modules/page-views.ts'
let memory: MemoryKafka
let millrace: CommandLine

beforeEach(() => {
  memory = new MemoryKafka({ topics: { views: 2, 'view-counts': 2 } })
  millrace = commandLine({ kafka: memory.connection, environment: { COMMIT_INTERVAL_MS: '50', LINGER_MS: '0' } })
  const views = memory.topic('views', { key: string(), value: json<{ page: string }>() })
  for (let index = 0; index < 20; index++)
    views.write(`user-${index}`, { page: `/${index % 3}` }, { timestamp: Date.UTC(2026, 6, 1, 0, index) })
})

function replay(command: string, ...args: string[]) {
  return millrace.run('replay', command, pageViews, ...args)
}

describe('millrace replay plan', () => {
  test('shows starts, ends and outputs, and keeps them', async () => {
    const { exitCode, out } = await replay('plan', 'july')
    expect(out).toMatch(/views +\d +0 +earliest +\d+ +last-stable/)
    expect(out).toMatch(/view-counts +append +version +view-counts-replay-july/)
    expect(exitCode).toBe(0)
    expect((await replay('list')).out).toMatch(/^july +\S+ +20$/m)
  })

  test('keeps nothing with --dry-run', async () => {
    await replay('plan', 'july', '--dry-run')
    expect((await replay('list')).out).not.toContain('july')
  })

  test('warns of a store whose rows may be older than the warm-up', async () => {
    const { exitCode, out } = await replay('plan', 'july', '--from', '2026-07-01T00:10:00Z', '--warm-up', 'PT5M')
    expect(out).toContain(
      'warning: counts may hold rows from records before the warm-up, and the replay does not read these records',
    )
    expect(exitCode).toBe(1)
  })

  test('refuses an id that was used before', async () => {
    await replay('plan', 'july')
    const { exitCode, errors } = await replay('plan', 'july')
    expect(errors).toContain("id 'july' was used before: give another one")
    expect(exitCode).toBe(2)
  })
})

describe('millrace replay run', () => {
  test('ends when everything is written, with 0', async () => {
    await replay('plan', 'july')
    const { exitCode, out } = await replay('run', 'july')
    expect(out).toContain('july: done, 20 of 20 records (100 %)')
    expect(exitCode).toBe(0)
    const counts = memory.topic('view-counts-replay-july', { key: string(), value: long() }).read()
    expect(counts.length).toBeGreaterThan(0)
  })

  test('names a replay that does not exist', async () => {
    const { exitCode, errors } = await replay('run', 'june')
    expect(errors).toContain('there is no replay june: the known replays are none')
    expect(exitCode).toBe(2)
  })
})

describe('millrace replay verify', () => {
  test('ends with 1 where the live application has written nothing', async () => {
    await replay('plan', 'july')
    await replay('run', 'july')
    const { exitCode, out } = await replay('verify', 'july')
    expect(out).toContain('different')
    expect(exitCode).toBe(1)
  })
})

describe('millrace replay cutover', () => {
  test('is written to the audit topic with user and state', async () => {
    await replay('plan', 'july')
    await replay('run', 'july')
    expect((await replay('cutover', 'july')).out).toContain('july: cut-over')
    expect((await replay('revert', 'july')).out).toContain('july: done')
    const entries = memory.topic('millrace-audit', { key: string(), value: json<AuditEntry>() }).read()
    expect(entries.map(({ value }) => [value?.command, value?.state])).toEqual([
      [`replay cutover ${pageViews} july`, 'planned'],
      [`replay cutover ${pageViews} july`, 'done'],
      [`replay revert ${pageViews} july`, 'planned'],
      [`replay revert ${pageViews} july`, 'done'],
    ])
  })
})
