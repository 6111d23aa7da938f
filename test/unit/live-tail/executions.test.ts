import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { string } from '../../../src/index.ts'
import { ExecutionRing } from '../../../src/live-tail/executions/execution-ring.ts'
import type { LiveTailServer, LiveTailServerOptions } from '../../../src/live-tail/index.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { until } from '../../support/until.ts'
import { TailScene } from './scene.ts'

const roles = ['operations', 'developers', 'auditors', 'readonly'] as const
const tokenOf = (role: string): string => `token-of-${role}-0123456789`
const bearer = (role: string) => ({ authorization: `Bearer ${tokenOf(role)}` })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-executions-'))
  const tokens = roles.map((role) => ({ user: role, roles: [role], token: tokenOf(role) }))
  await writeFile(join(folder, 'tokens.yaml'), JSON.stringify({ tokens }))
})
afterAll(() => rm(folder, { recursive: true }))

let scene: TailScene
beforeEach(() => {
  scene = new TailScene()
})
afterEach(() => scene.close())

const serve = (options: Partial<LiveTailServerOptions> = {}) =>
  scene.serve({ executionsTopic: 'executions', ...options })
const withRoles = () => ({ tokensFile: join(folder, 'tokens.yaml') })

interface Listed {
  readonly sequence: number
  readonly executions: readonly Readonly<Record<string, unknown>>[]
}

async function ask({ port }: LiveTailServer, query: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(`http://127.0.0.1:${port}/executions${query}`, { headers })
  return { status: answer.status, body: (await answer.json()) as Listed & Readonly<Record<string, unknown>> }
}

function execution(executionId: string, more: Readonly<Record<string, unknown>> = {}) {
  const stage = { stageId: '1', moduleId: '1', status: 'success', durationMs: 5, inputData: { ip: '192.0.2.7' } }
  return { executionId, scenarioId: 's', status: 'running', userId: 'ada', stages: [stage], ...more }
}

function write(executionId: string, more?: Readonly<Record<string, unknown>>): void {
  const topic = scene.memory.topic('executions', { key: string(), value: string() })
  topic.write(`s/${executionId}`, JSON.stringify(execution(executionId, more)), { partition: 0 })
}

test('executions are listed as they are now, the last change first, without their data', async () => {
  write('a')
  const server = await serve()
  write('b')
  write('a', { status: 'success' })
  await until(async () => (await ask(server, '')).body.sequence === 3)
  const { body } = await ask(server, '')
  expect(body.executions.map(({ key, status }) => `${String(key)} ${String(status)}`)).toEqual([
    's/a success',
    's/b running',
  ])
  expect(body.executions[0]).not.toHaveProperty('userId')
  expect(body.executions[0]?.stages).toEqual([{ stageId: '1', moduleId: '1', status: 'success', durationMs: 5 }])
  expect((await ask(server, '?after=2')).body.executions).toMatchObject([{ key: 's/a' }])
  expect((await ask(server, '?limit=1')).body.executions).toHaveLength(1)
})

test('a whole execution has its data, and looking at it is recorded', async () => {
  const logger = new RecordingLogger()
  const server = await serve({ logger })
  write('a')
  await until(async () => (await ask(server, '')).body.sequence === 1)
  expect((await ask(server, `?key=${encodeURIComponent('s/a')}`)).body).toEqual(execution('a'))
  expect(JSON.stringify(logger.lines)).toContain('"execution":"s/a"')
  expect((await ask(server, '?key=s/other')).status).toBe(404)
})

test.each([
  ['operations', 200],
  ['developers', 200],
  ['auditors', 403],
  ['readonly', 403],
] as const)('%s are answered with %d', async (role, status) => {
  const server = await serve(withRoles())
  expect((await ask(server, '', bearer(role))).status).toBe(status)
  const access = await fetch(`http://127.0.0.1:${server.port}/logs/access`, { headers: bearer(role) })
  const { sections } = (await access.json()) as { readonly sections: readonly string[] }
  expect(sections.includes('executions')).toBe(status === 200)
})

test('people with roles do not see who a person is', async () => {
  const server = await serve(withRoles())
  write('a')
  await until(async () => (await ask(server, '', bearer('developers'))).body.sequence === 1)
  const text = JSON.stringify((await ask(server, '?key=s/a', bearer('developers'))).body)
  expect(text).not.toMatch(/ada|192\.0\.2\.7/)
})

test.each(['?after=x', '?limit=501', '?limit=-1', '?what=1'])('%s is refused', async (query) => {
  expect((await ask(await serve(), query)).status).toBe(400)
})

test('without a topic there is no such path, and a topic that does not exist ends the start', async () => {
  expect((await ask(await scene.serve(), '')).status).toBe(404)
  await expect(serve({ executionsTopic: 'nowhere' })).rejects.toThrow('topic nowhere of the live tail does not exist')
})

test('records that are no executions are counted', async () => {
  const server = await serve()
  const topic = scene.memory.topic('executions', { key: string(), value: string() })
  const withoutStage = JSON.stringify(execution('a', { stages: [null] }))
  for (const value of ['no json', '5', '{"executionId":"a"}', withoutStage]) topic.write('k', value, { partition: 1 })
  await until(async () => (await ask(server, '')).body.unreadable === 4)
})

test('of more executions than there is room for, those that changed last are held', () => {
  const ring = new ExecutionRing({ executionsMax: 3, bytesMax: 100_000 })
  const batchOf = (number: number) => ({
    count: 1,
    key: () => Buffer.from(`s/${number}`),
    value: () => Buffer.from(JSON.stringify(execution(String(number)))),
  })
  for (const number of [1, 2, 3, 1, 4]) ring.take(batchOf(number) as never)
  const { executions, isPart } = ring.list(0, 10)
  expect([executions.map(({ key }) => key), isPart]).toEqual([['s/4', 's/1', 's/3'], true])
})

test('an execution is listed by the key of its record, whatever its value says', async () => {
  const server = await serve()
  write('a', { key: 's/other' })
  await until(async () => (await ask(server, '')).body.sequence === 1)
  expect((await ask(server, '')).body.executions).toMatchObject([{ key: 's/a' }])
})

test('an execution that is nested too deep to be shown does not end the list of the others', async () => {
  const server = await serve()
  const topic = scene.memory.topic('executions', { key: string(), value: string() })
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  const text = JSON.stringify(execution('deep', { more: 'deep' })).replace('"deep"}', `${deep}}`)
  topic.write('s/deep', text, { partition: 0 })
  write('a')
  await until(async () => {
    const { status, body } = await ask(server, '')
    return status === 200 && body.executions.length + Number(body.unreadable) === 2
  })
})
