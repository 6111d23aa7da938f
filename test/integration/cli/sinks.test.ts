import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { json, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import type { AuditEntry } from '../../../src/cli/audit.ts'
import { type CommandResult, commandLine } from '../../support/command-line.ts'
import { sharedSearchServer } from '../../support/opensearch.ts'
import { requireServer } from '../../support/require-server.ts'

const module = 'test/unit/cli/modules/documents.ts'

requireServer('opensearch').describe('millrace sinks with a search server', () => {
  let server: Awaited<ReturnType<typeof sharedSearchServer>>
  beforeAll(async () => {
    server = await sharedSearchServer()
  })
  afterAll(() => server?.stop())

  const prefix = () => `doctor-${crypto.randomUUID()}`
  function sinks(
    command: 'apply' | 'doctor' | 'plan',
    indexPrefix: string,
    { memory = new MemoryKafka({ topics: {} }), shards = '2', of = module } = {},
  ): Promise<CommandResult> {
    const environment = {
      ELASTICSEARCH_URL: server.url,
      ELASTICSEARCH_INDEX_PREFIX: indexPrefix,
      ELASTICSEARCH_SHARDS: shards,
      ELASTICSEARCH_REPLICAS: '0',
    }
    return commandLine({ kafka: memory.connection, environment }).run('sinks', command, of)
  }

  test('plan names what is missing, and installs nothing', async () => {
    const name = prefix()
    expect((await sinks('plan', name)).exitCode).toBe(1)
    const { exitCode, out } = await sinks('plan', name)
    expect([exitCode, out]).toEqual([1, expect.stringMatching(/missing +index template +doctor-/)])
  })

  test('apply installs it, so that plan finds nothing', async () => {
    const name = prefix()
    expect((await sinks('apply', name)).exitCode).toBe(0)
    expect((await sinks('plan', name)).exitCode).toBe(0)
  })

  test('plan says which field differs', async () => {
    const name = prefix()
    await sinks('apply', name)
    const { exitCode, out } = await sinks('plan', name, { shards: '3' })
    expect([exitCode, out]).toEqual([1, expect.stringContaining('index.number_of_shards: 2 -> 3')])
  })

  test.each([
    ['plan', 1, /unsupported +lifecycle policy.*PUT _plugins\/_ism\/policies\/doctor-/],
    ['doctor', 1, /left to you +lifecycle policy.*PUT _plugins\/_ism\/policies\/doctor-/],
  ] as const)(
    '%s says who has to make the policy on OpenSearch, which has no index lifecycle',
    async (command, code, text) => {
      const result = await sinks(command, prefix(), { of: 'workers/application.ts' })
      expect([result.exitCode, result.out]).toEqual([code, expect.stringMatching(text)])
    },
  )

  test('apply is audited', async () => {
    const memory = new MemoryKafka({ topics: {} })
    await sinks('apply', prefix(), { memory })
    const entries = memory.topic('millrace-audit', { key: string(), value: json<AuditEntry>() }).read()
    expect(entries.map(({ value }) => value?.state)).toEqual(['planned', 'done'])
  })

  test('doctor writes a test document with the shards of the template, and leaves no index', async () => {
    const name = prefix()
    await sinks('apply', name)
    const { exitCode, out } = await sinks('doctor', name)
    expect([exitCode, out]).toEqual([
      0,
      expect.stringMatching(/test document +written to index .* with 2 shards, 0 replicas/),
    ])
    const indices = await fetch(`${server.url}/_cat/indices/${name}*?format=json`)
    expect(await indices.json()).toEqual([])
  })

  test('doctor ends with 1 while templates are missing', async () => {
    const { exitCode, out } = await sinks('doctor', prefix())
    expect([exitCode, out]).toEqual([1, expect.stringMatching(/fails +index template/)])
  })
})

test('millrace sinks doctor ends with 1 for a server that cannot be reached, and names it', async () => {
  const environment = { ELASTICSEARCH_URL: 'http://127.0.0.1:1' }
  const { exitCode, out } = await commandLine({ environment }).run('sinks', 'doctor', module)
  expect([exitCode, out]).toEqual([1, expect.stringContaining('http://127.0.0.1:1 cannot be reached')])
})
