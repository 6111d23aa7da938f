import { mkdtempSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Command } from 'commander'
import { Cli } from '../../../src/cli/cli.ts'
import type { Host } from '../../../src/cli/host.ts'
import { createProgram } from '../../../src/cli/run-cli.ts'
import { commandLine } from '../../support/command-line.ts'

const module = 'test/unit/cli/modules/page-views.ts'

/** Every command with arguments that it takes. */
const onABroker: readonly (readonly string[])[] = [
  ['run', module],
  ['topics', 'plan', module],
  ['topics', 'apply', module],
  ['diff', module],
  ['lag', 'page-views', '--once'],
  ['top', '--once'],
  ['tasks', 'page-views', '--once'],
  ['tap', 'views'],
  ['state', 'get', 'counts', '/', '--module', module],
  ['state', 'range', 'counts', '--module', module],
  ['state', 'window', 'counts', '--module', module],
  ['state', 'session', 'counts', '--module', module],
  ['reset', module],
  ['replay', 'plan', module, 'july'],
  ['replay', 'run', module, 'july'],
  ['replay', 'list', module],
  ['replay', 'status', module, 'july'],
  ['replay', 'verify', module, 'july'],
  ['replay', 'cutover', module, 'july'],
  ['replay', 'revert', module, 'july'],
  ['replay', 'pause', module, 'july'],
  ['replay', 'resume', module, 'july'],
  ['replay', 'abort', module, 'july'],
  ['dlq', 'list', '--topic', 'failed'],
  ['dlq', 'show', '0@0', '--topic', 'failed'],
  ['dlq', 'replay', module, '--topic', 'failed'],
  ['dlq', 'resolve', '0@0', '--topic', 'failed'],
  ['alerts', 'replay', '--rule', 'alerts/to-copy.yaml', '--from', '-7d', '--topic', 'logs'],
  ['alerts', 'describe', '--notices', 'test/unit/cli/modules/notices.yaml'],
  ['alerts', 'acknowledge', 'all/errors@1795962894858'],
  ['alerts', 'escalate', 'all/errors@1795962894858'],
  ['alerts', 'incident', 'all/errors@1795962894858'],
  ['alerts', 'silence', '--match', 'service=shop', '--for', '2h', '--reason', 'upgrade'],
  ['alerts', 'silences'],
  ['alerts', 'unsilence', '3f2a'],
  ['detect', 'train', 'rates/shop', '--kind', 'pca', '--topic', 'rates'],
  ['detect', 'score', 'rates/shop', '--topic', 'rates'],
  ['detect', 'explain', 'errors'],
  ['detect', 'label', 'errors', 'wrong'],
  ['detect', 'labels'],
  ['detect', 'models'],
  ['detect', 'show', 'rates/shop'],
  ['detect', 'use', 'rates/shop', '1'],
  ['detect', 'rollback', 'rates/shop'],
]
const withoutABroker: readonly (readonly string[])[] = [
  ['init', 'a-project'],
  ['describe', module],
  ['lint', module],
  ['test', module],
  ['acl', module],
  ['sinks', 'plan', module],
  ['sinks', 'apply', module],
  ['sinks', 'doctor', module],
  ['completion', 'bash'],
  ['pipeline', 'test', 'pipelines/application.yaml'],
  ['pipeline', 'try'],
  ['pipeline', 'import', 'logstash', 'orders.conf'],
  ['pipeline', 'schema'],
  ['alerts', 'test', 'alerts/to-copy.yaml'],
  ['alerts', 'check', '--rules', 'alerts/to-copy.yaml'],
  ['alerts', 'schema', 'rules'],
]

const leaves = (command: Command, path: readonly string[]): readonly (readonly [string, Command])[] =>
  command.commands.length === 0
    ? [[path.join(' '), command]]
    : command.commands.flatMap((inner) => leaves(inner, [...path, inner.name()]))
const commands = leaves(createProgram(new Cli({} as Host)), [])

const named = (rows: readonly (readonly string[])[]) =>
  rows.map((args) => [commands.find(([name]) => `${args.join(' ')} `.startsWith(`${name} `))?.[0] ?? '', args] as const)

/** A server that answers, and is no broker: commands fail without waiting for one that may come back. */
let server: Server
let bootstrap: string
beforeAll(async () => {
  server = createServer((_, response) => response.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  bootstrap = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
})

const run = (environment: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  commandLine({
    environment: { STATE_DIRECTORY: mkdtempSync(join(tmpdir(), 'millrace-')), OPS_PORT: '0', ...environment },
  }).run(...args)

test('the table of this test has every command', () => {
  const table = named([...onABroker, ...withoutABroker]).map(([name]) => name)
  expect([...table].sort()).toEqual(commands.map(([name]) => name).sort())
})

describe.each(commands)('millrace %s', (name, command) => {
  test('--help shows examples, and writes no color', async () => {
    const { exitCode, out } = await run({}, ...name.split(' '), '--help')
    expect([exitCode, out]).toEqual([0, expect.stringContaining(`\nExamples:\n  $ `)])
    expect(out).not.toContain('\u001b')
  })

  test('has a form for machines', () => {
    const options = command.options.map(({ long }) => long)
    // What a shell or an editor reads is a form for machines.
    expect(['completion', 'pipeline schema', 'alerts schema'].includes(name) || options.includes('--json')).toBe(true)
  })

  test('takes no secret as an argument, which other users of the machine could read', () => {
    const options = command.options.map(({ long }) => long ?? '')
    expect(
      options.filter((option) => /token|password|secret|api-key/.test(option) && option !== '--show-secrets'),
    ).toEqual([])
  })

  test('ends with 2 and names an option that it does not have', async () => {
    const args = named([...onABroker, ...withoutABroker]).find(([one]) => one === name)?.[1] ?? []
    const { exitCode, errors } = await run({}, ...args, '--nonsense')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('--nonsense')])
  })
})

describe.each(named(onABroker))('millrace %s', (_name, args) => {
  test('ends with 2 for a server that is no broker, and names it', async () => {
    const { exitCode, out, errors } = await run({ KAFKA_BOOTSTRAP_SERVERS: bootstrap }, ...args)
    expect([exitCode, errors]).toEqual([2, expect.stringContaining(bootstrap)])
    expect(errors).toContain('KAFKA_BOOTSTRAP_SERVERS')
    expect(out).toBe('')
  })

  test('ends with 2 for a wrong setting, and names it', async () => {
    const { exitCode, errors } = await run({ KAFKA_BOOTSTRAP_SERVERS: bootstrap, KAFKA_TLS: 'perhaps' }, ...args)
    expect([exitCode, errors]).toEqual([2, expect.stringMatching(/KAFKA_TLS.*perhaps/)])
  })
})
