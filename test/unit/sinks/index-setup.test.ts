import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ElasticsearchTarget } from '../../../src/sinks/elasticsearch/elasticsearch-target.ts'
import { dailyLifecycle } from '../../../src/sinks/elasticsearch/lifecycle.ts'
import { elasticsearchConfig } from '../../../src/sinks/elasticsearch/elasticsearch-options.ts'

interface Recorded {
  readonly request: string
  readonly body: unknown
}

/** Index lifecycles exist in Elasticsearch only, which cannot be run here: the requests are recorded and compared. */
describe('the index setup on an Elasticsearch', () => {
  let server: Server
  let recorded: Recorded[]
  let answers: Record<string, { status: number; body: unknown }>

  beforeEach(async () => {
    recorded = []
    answers = { 'GET /': { status: 200, body: { version: { number: '8.19.2', build_flavor: 'default' } } } }
    server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const key = `${request.method} ${request.url}`
        const text = Buffer.concat(chunks).toString()
        recorded.push({ request: key, body: text === '' ? undefined : JSON.parse(text) })
        const { status, body } = answers[key] ?? { status: request.method === 'GET' ? 404 : 200, body: {} }
        response.writeHead(status, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' })
        response.end(JSON.stringify(body))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })

  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  async function open(others: readonly string[] = []): Promise<void> {
    const config = elasticsearchConfig({
      name: 'fastmcp-logs',
      node: [...others, `http://127.0.0.1:${(server.address() as AddressInfo).port}`],
      index: 'fastmcp-logs-YYYY.MM.DD',
      setup: {
        version: 3,
        shards: 12,
        lifecycle: dailyLifecycle({ warmAfterDays: 7, coldAfterDays: 30, deleteAfterDays: 90 }),
      },
    })
    const target = new ElasticsearchTarget(config)
    await target.open(new AbortController().signal)
    await target.close()
  }

  test('installs policy, component templates and template, each before what names it', async () => {
    await open()
    expect(recorded.filter(({ request }) => request.startsWith('PUT'))).toEqual([
      {
        request: 'PUT /_ilm/policy/fastmcp-logs',
        body: {
          policy: {
            _meta: { version: 3 },
            phases: {
              hot: { min_age: '0ms', actions: { set_priority: { priority: 100 } } },
              warm: {
                min_age: '7d',
                actions: { set_priority: { priority: 50 }, readonly: {}, forcemerge: { max_num_segments: 1 } },
              },
              cold: { min_age: '30d', actions: { set_priority: { priority: 0 }, allocate: { number_of_replicas: 0 } } },
              delete: { min_age: '90d', actions: { delete: {} } },
            },
          },
        },
      },
      {
        request: 'PUT /_component_template/fastmcp-logs-settings',
        body: {
          _meta: { version: 3 },
          template: {
            settings: {
              'index.number_of_shards': 12,
              'index.number_of_replicas': 1,
              'index.refresh_interval': '1000ms',
              'index.lifecycle.name': 'fastmcp-logs',
              'index.lifecycle.parse_origination_date': true,
            },
          },
        },
      },
      {
        request: 'PUT /_component_template/fastmcp-logs-mappings',
        body: { _meta: { version: 3 }, template: { mappings: { date_detection: false } } },
      },
      {
        request: 'PUT /_index_template/fastmcp-logs',
        body: {
          _meta: { version: 3 },
          index_patterns: ['fastmcp-logs-*'],
          priority: 200,
          composed_of: ['fastmcp-logs-settings', 'fastmcp-logs-mappings'],
        },
      },
    ])
  })

  test('lets the age of an index count from its creation where a setup of several asks for it', async () => {
    const lifecycle = dailyLifecycle({ warmAfterDays: 7, coldAfterDays: 30, deleteAfterDays: 90 })
    const config = elasticsearchConfig({
      name: 'logs',
      node: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      index: () => 'logs-backfill-2019.04',
      setup: [
        { templateName: 'logs', patterns: ['logs-*'], lifecycle },
        { templateName: 'logs-backfill', patterns: ['logs-backfill-*'], priority: 201, lifecycle, ageFrom: 'creation' },
      ],
    })
    const target = new ElasticsearchTarget(config)
    await target.open(new AbortController().signal)
    await target.close()
    const settings = recorded.filter(({ request }) => request.endsWith('-settings')).map(({ body }) => body)
    expect(settings).toMatchObject([
      { template: { settings: { 'index.lifecycle.parse_origination_date': true } } },
      { template: { settings: { 'index.lifecycle.name': 'logs-backfill' } } },
    ])
    expect(JSON.stringify(settings[1])).not.toContain('parse_origination_date')
  })

  test('leaves what is stored under a higher version', async () => {
    const body = { index_templates: [{ index_template: { _meta: { version: 4 } } }] }
    answers['GET /_index_template/fastmcp-logs'] = { status: 200, body }
    await open()
    expect(recorded.map(({ request }) => request)).toEqual(['GET /', 'GET /_index_template/fastmcp-logs'])
  })

  test('does without the policy where the server has no lifecycles', async () => {
    const body = { error: { type: 'illegal_argument_exception', reason: 'no handler found for uri [/_ilm/policy/x]' } }
    answers['PUT /_ilm/policy/fastmcp-logs'] = { status: 400, body }
    await open()
    const settings = recorded.find(({ request }) => request.endsWith('-settings'))
    expect(JSON.stringify(settings?.body)).not.toContain('lifecycle')
  })

  test('a server that refuses a template is reported with its reason', async () => {
    const body = { error: { type: 'illegal_argument_exception', reason: 'priority is taken' } }
    answers['PUT /_index_template/fastmcp-logs'] = { status: 400, body }
    await expect(open()).rejects.toMatchObject({
      code: 'SINK_MISCONFIGURED',
      message: expect.stringContaining('priority is taken'),
    })
  })

  test('one node of several is enough to open the sink', async () => {
    const body = { index_templates: [{ index_template: { _meta: { version: 4 } } }] }
    answers['GET /_index_template/fastmcp-logs'] = { status: 200, body }
    await open(['http://127.0.0.1:9'])
    expect(recorded[0]?.request).toBe('GET /')
  })

  test('a server that is too busy to list its templates is asked again later', async () => {
    answers['GET /_index_template/fastmcp-logs'] = { status: 503, body: {} }
    await expect(open()).rejects.toMatchObject({ code: 'SINK_UNREACHABLE', consequence: 'retriable' })
  })

  test('refused credentials are reported when the sink is opened', async () => {
    answers['GET /'] = { status: 401, body: {} }
    await expect(open()).rejects.toMatchObject({ code: 'SINK_UNAUTHORIZED', consequence: 'fatal' })
  })
})
