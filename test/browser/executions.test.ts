import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { string } from '../../src/index.ts'
import { requireServer } from '../support/require-server.ts'
import { ConsoleScene, seriousFaults } from './console-scene.ts'

const stage = { stageId: '1', moduleId: '1', moduleName: 'HTTP', status: 'success', durationMs: 2000 }
const times = { startTime: '2026-12-01T12:00:00.000Z', endTime: '2026-12-01T12:00:08.000Z', durationMs: 8000 }
const performance = { creditsConsumed: 4 }

function execution(executionId: string, status: string) {
  const stages = [
    { ...stage, startTime: '2026-12-01T12:00:02.000Z', endTime: '2026-12-01T12:00:04.000Z', outputData: { rows: 17 } },
  ]
  const ids = { executionId, scenarioId: 'orders', organizationId: 'o', hasMoreStages: false }
  return { ...ids, ...times, status, performance, stages, errorDetails: null }
}

requireServer('chromium').describe('executions in a browser', () => {
  let scene: ConsoleScene

  beforeAll(async () => {
    scene = await ConsoleScene.open()
  }, 240_000)

  afterEach(async () => {
    await scene?.leave()
    expect(scene?.complaints.splice(0)).toEqual([])
  })

  afterAll(() => scene?.close())

  const write = (executionId: string, status: string): void => {
    const topic = scene.tail.memory.topic('executions', { key: string(), value: string() })
    topic.write(`orders/${executionId}`, JSON.stringify(execution(executionId, status)), { partition: 0 })
  }

  test('are listed as they change, filtered, and shown with their stages and data', async () => {
    const { port } = await scene.serve({ executionsTopic: 'executions' })
    write('first', 'running')
    write('second', 'error')
    const page = await scene.visit(port)
    await page.getByRole('link', { name: 'Executions' }).click()
    await page.getByRole('cell', { name: 'running', exact: true }).waitFor()
    write('first', 'success')
    await page.getByRole('cell', { name: 'success', exact: true }).waitFor()
    await page.getByLabel('Status').selectOption('error')
    await page.getByText('1 execution', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'second' }).click()
    await page.getByText('output', { exact: true }).click()
    await page.getByText('"rows": 17').waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await seriousFaults(page)).toEqual([])
    }
  })

  test('have an address of their own', async () => {
    const { port } = await scene.serve({ executionsTopic: 'executions' })
    const page = await scene.visit(port, '#/executions')
    await page.getByRole('region', { name: 'list of executions' }).waitFor()
  })
})
