import { describe, expect, test } from '@jest/globals'
import { commandLine } from '../../support/command-line.ts'

const pageViews = 'test/unit/cli/modules/page-views.ts'

describe('millrace describe', () => {
  test('prints the topology of a module as Kafka Streams prints it', async () => {
    const { exitCode, out } = await commandLine().run('describe', pageViews)
    expect(exitCode).toBe(0)
    expect(out).toMatch(/^Topologies:\n {3}Sub-topology: 0\n/)
  })

  test('prints a Mermaid flowchart when asked', async () => {
    const { out } = await commandLine().run('describe', pageViews, '--mermaid')
    expect(out).toMatch(/^flowchart/)
  })

  test('prints one JSON document when asked', async () => {
    const { out } = await commandLine().run('describe', pageViews, '--json')
    expect(JSON.parse(out)).toHaveProperty('nodes')
  })

  test('takes the only topology of a module without a default export', async () => {
    const { out } = await commandLine().run('describe', 'test/unit/cli/modules/plain-topology.ts')
    expect(out).toContain('topics: [originals]')
  })

  test('says which file exports no topology, and what to export', async () => {
    const { exitCode, errors } = await commandLine().run('describe', 'test/unit/cli/modules/no-topology.ts')
    expect(exitCode).toBe(2)
    expect(errors).toMatch(/no-topology\.ts exports no topology: export what defineTopology or defineWorker makes/)
  })

  test('says which file cannot be imported', async () => {
    const { exitCode, errors } = await commandLine().run('describe', 'test/unit/cli/modules/missing.ts')
    expect(exitCode).toBe(2)
    expect(errors).toMatch(/missing\.ts .*WORKER_MODULE/s)
  })
})

describe('millrace', () => {
  test('ends with 0 after --help, which lists every command', async () => {
    const { exitCode, out } = await commandLine().run('--help')
    expect(exitCode).toBe(0)
    expect(out).toMatch(/describe.*topics.*completion/s)
  })

  test('ends with 2 after an option that does not exist', async () => {
    const { exitCode, errors } = await commandLine().run('describe', pageViews, '--colour')
    expect(exitCode).toBe(2)
    expect(errors).toContain("unknown option '--colour'")
  })

  test('ends with 2 after settings that cannot be used, all named at once', async () => {
    const environment = { OPS_PORT: 'high', LOG_LEVEL: 'loud' }
    const { exitCode, errors } = await commandLine({ environment }).run('describe', pageViews)
    expect(exitCode).toBe(2)
    expect(errors).toMatch(/OPS_PORT.*LOG_LEVEL/s)
  })
})
