import { describe, expect, test } from '@jest/globals'
import { commandLine } from '../../support/command-line.ts'

const module = 'test/unit/cli/modules/guarded.ts'
const millrace = commandLine({ environment: { DEAD_LETTER_TOPIC: 'failed' } })

describe('millrace acl', () => {
  test('lists what the topology reads, writes, creates and deletes', async () => {
    const { exitCode, out } = await millrace.run('acl', module, '--json')
    const { acls } = JSON.parse(out) as { acls: { name: string; operations: string[] }[] }
    expect([exitCode, Object.fromEntries(acls.map(({ name, operations }) => [name, operations]))]).toEqual([
      0,
      {
        guarded: ['Read'],
        views: ['Create', 'Read'],
        pages: ['Create', 'Read'],
        titles: ['Create', 'Write'],
        failed: ['Create', 'Write'],
        'guarded-by-page-repartition': ['Create', 'Delete', 'DescribeConfigs', 'Read', 'Write'],
        'guarded-counts-changelog': ['Create', 'DescribeConfigs', 'Read', 'Write'],
      },
    ])
  })

  test('needs no Create on topics that the worker does not create', async () => {
    const careful = commandLine({ environment: { KAFKA_CREATE_TOPICS: 'false' } })
    expect((await careful.run('acl', module)).out).toMatch(/topic +views +Read +input/)
  })

  test('gives the threads their transactions under exactly-once', async () => {
    const exact = commandLine({ environment: { PROCESSING_GUARANTEE: 'exactly-once' } })
    const options = ['--commands', '--principal', 'User:orders', '--bootstrap', 'kafka:9092']
    expect((await exact.run('acl', module, ...options)).out.split('\n')[1]).toBe(
      'kafka-acls --bootstrap-server kafka:9092 --add --allow-principal User:orders --operation Write --transactional-id guarded- --resource-pattern-type prefixed',
    )
  })

  test('prints kafka-acls commands for a principal', async () => {
    const options = ['--commands', '--principal', 'User:the orders', '--bootstrap', 'kafka:9092']
    const { out } = await millrace.run('acl', module, ...options)
    expect(out.split('\n')[0]).toBe(
      "kafka-acls --bootstrap-server kafka:9092 --add --allow-principal 'User:the orders' --operation Read --group guarded --resource-pattern-type literal",
    )
  })

  test('asks for the principal of the commands', async () => {
    const { exitCode, errors } = await millrace.run('acl', module, '--commands')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('--principal')])
  })
})
