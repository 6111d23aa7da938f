import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { topics } from '../../../fleet/topics.ts'
import { builtProgram } from '../../support/built.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { FleetRig } from './fleet-rig.ts'
import { temporaryFolder } from './start-process.ts'

requireServer('kafka').describe('lines that are larger than what topics take by default', () => {
  let rig: FleetRig

  beforeAll(async () => {
    builtProgram('workers/application')
    rig = await FleetRig.start()
  }, 180_000)

  afterAll(() => rig?.stop())

  test('wait for more of their trace in the changelog, of which nothing is dropped', async () => {
    // What cannot be compressed is as large in the changelog.
    const text = (bytes: number) => randomBytes(bytes).toString('base64')
    const files = temporaryFolder()
    const worker = await rig.worker('application', { FILES_DIRECTORY: files })
    await until(async () => (await worker.ask('/ready')).status === 200, 60_000, 'the worker is ready')
    const wide = text(22_500).replaceAll(/./g, (letter) => String.fromCharCode(0x4e00 + 97 * letter.charCodeAt(0)))
    const trace = Array.from({ length: 15 }, () => `\tat a.B.${wide}(C.java:1)`)
    await rig.peer.send(topics.application.name, [
      { key: 'a', value: `2026-11-24T08:00:00Z ERROR shop: ${text(700_000)}` },
      ...[`2026-11-24T08:00:00Z ERROR shop: ${text(45_000)}`, ...trace].map((value) => ({ key: 'b', value })),
    ])
    await until(() => linesIn(join(files, 'elasticsearch')) === 2, 60_000, 'both documents are written')
    expect(worker.process.textOf('stdout')).not.toMatch(/"level":[4-6]0/)
  }, 120_000)
})

function linesIn(folder: string): number {
  if (!existsSync(folder)) return 0
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  return texts.join('').split('\n').length - 1
}
