import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Locator, Page } from 'playwright-core'
import type { LiveTailServerOptions } from '../../src/live-tail/index.ts'
import { requireServer } from '../support/require-server.ts'
import { until } from '../support/until.ts'
import { ConsoleScene, seriousFaults } from './console-scene.ts'

const minuteMs = 60_000
let scene: ConsoleScene

/** Half an hour of two services: payments has more logs, and errors in the last ten minutes. */
function writeReports(): void {
  const nowMs = Math.floor(Date.now() / minuteMs) * minuteMs
  for (let minute = 30; minute > 1; minute--) {
    for (const [key, total] of Object.entries({ payments: 1000, mail: 100 })) {
      const startMs = nowMs - minute * minuteMs
      const errors = key === 'payments' && minute <= 10 ? 200 : 0
      const report = {
        key,
        worker: 'application',
        startMs,
        endMs: startMs + minuteMs,
        total,
        errors,
        levels: { info: total - errors, error: errors },
        components: { api: total / 2 },
        durations: [
          [20, 90],
          [1500, 10],
        ],
      }
      scene.tail.rates.write(key, JSON.stringify(report), { partition: 0, timestamp: Date.now() })
    }
  }
  const alert = {
    id: 'a',
    rule: 'payments-errors',
    severity: 'critical',
    status: 'firing',
    startedAt: nowMs - minuteMs,
  }
  scene.tail.alerts.write('a', JSON.stringify(alert), { partition: 0, timestamp: Date.now() })
}

async function visit(options: Partial<LiveTailServerOptions> = {}, context = {}): Promise<Page> {
  const analytics = { ratesTopic: 'rates', alertsTopic: 'alerts' }
  const { port } = await scene.serve({ analytics, ...options })
  return scene.visit(port, '#/analytics', context)
}

/** Resolves when the page has numbers of all reports. */
async function filled(page: Page): Promise<Page> {
  await page.getByRole('status').filter({ hasText: '31,900 logs, 1,800 errors' }).waitFor()
  return page
}

const chart = (page: Page, title: string): Locator => page.locator('figure', { hasText: title })

/** How many different colors a canvas has, or so: an empty one has one. */
const colorsOf = (figure: Locator): Promise<number> =>
  figure.locator('canvas').evaluate((element) => {
    const canvas = element as unknown as {
      readonly width: number
      readonly height: number
      getContext(kind: '2d'): { getImageData(...place: number[]): { readonly data: Uint8ClampedArray } }
    }
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return new Set(new Uint32Array(data.buffer)).size
  })

requireServer('chromium').describe('the dashboard in a browser', () => {
  beforeAll(async () => {
    scene = await ConsoleScene.open()
    writeReports()
  })

  afterAll(() => scene?.close())

  afterEach(async () => {
    await scene.leave()
    // A policy that refuses styles or scripts of the page says so here.
    expect(scene.complaints.splice(0)).toEqual([])
  })

  test('draws volume, error rate, durations, components and alerts, each with its numbers as a table', async () => {
    const page = await filled(await visit())
    for (const title of ['Log volume', 'Error rate', 'Durations', 'Component activity', 'Alerts that began'])
      await until(async () => (await colorsOf(chart(page, title))) > 2)
    await page.getByRole('region', { name: 'alerts' }).getByText('payments-errors').waitFor()
    await chart(page, 'Error rate').getByText('Numbers').click()
    const table = page.getByRole('table', { name: 'Error rate' })
    await table.getByRole('cell', { name: '20 %' }).first().waitFor()
    expect(await table.getByRole('columnheader').allTextContents()).toEqual(['time', 'payments', 'all'])
    await chart(page, 'Component activity').getByText('Numbers').click()
    const headers = page.getByRole('table', { name: 'Component activity' }).getByRole('columnheader')
    await headers.first().waitFor()
    expect(await headers.allTextContents()).toEqual(['time', 'payments', 'payments / api', 'mail', 'mail / api'])
  })

  test('says in words what a step has, where keys go and where the mouse is', async () => {
    const page = await filled(await visit())
    const durations = chart(page, 'Durations')
    await durations.getByText('p50 20 ms, p95 1.5 s, p99 1.5 s').waitFor()
    await durations.getByRole('group', { name: /arrow keys/ }).focus()
    await page.keyboard.press('Home')
    await durations.getByText('p50 –, p95 –, p99 –').waitFor()
    await page.keyboard.press('End')
    await page.keyboard.press('PageUp')
    await durations.getByText('p50 20 ms').waitFor()
    const heat = chart(page, 'Component activity')
    await heat.getByRole('group', { name: /arrow keys/ }).focus()
    await page.keyboard.press('PageUp')
    await page.keyboard.press('ArrowDown')
    await heat.getByText(/payments \/ api 500/).waitFor()
  })

  test('shows another range, and one service', async () => {
    const page = await filled(await visit())
    await page.getByRole('button', { name: '15m' }).click()
    await page
      .getByRole('status')
      .filter({ hasText: /^(1\d|[1-9]),\d00 logs/ })
      .waitFor()
    await page.getByRole('button', { name: '6h' }).click()
    await page.getByRole('combobox', { name: 'service' }).selectOption('mail')
    await page.getByRole('status').filter({ hasText: '2,900 logs, 0 errors' }).waitFor()
    await chart(page, 'Error rate').getByText('mail 0 %').waitFor()
  })

  test('asks for nothing while its tab is hidden', async () => {
    const page = await filled(await visit())
    let asked = 0
    page.on('request', (request) => {
      if (request.url().includes('/analytics?')) asked++
    })
    const turn = (state: 'hidden' | 'visible') =>
      page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))`)
    await page.clock.install()
    await page.getByRole('button', { name: 'Refresh' }).click()
    await until(() => asked === 1)
    await filled(page)
    await turn('hidden')
    await page.clock.runFor(60_000)
    expect(asked).toBe(1)
    await turn('visible')
    await until(() => asked === 2)
  })

  test('keeps its size: charts that are drawn again do not grow', async () => {
    const page = await filled(await visit())
    const sizes = (): Promise<unknown> =>
      page.locator('figure').evaluateAll((figures) =>
        figures.map((figure) => {
          const { width, height } = (figure as unknown as { getBoundingClientRect(): DomSize }).getBoundingClientRect()
          return [width, height]
        }),
      )
    const before = await sizes()
    for (let round = 0; round < 3; round++) {
      await page.setViewportSize({ width: 700, height: 720 })
      await page.setViewportSize({ width: 1280, height: 720 })
    }
    await until(async () => JSON.stringify(await sizes()) === JSON.stringify(before))
  })

  test('asks for the token of a live tail that has one', async () => {
    const page = await visit({ token: 'secret' })
    await page.locator('input[type=password]').fill('secret')
    await page.keyboard.press('Enter')
    await filled(page)
  })

  test.each(['light', 'dark'] as const)(
    'has no serious fault of accessibility in the %s theme',
    async (colorScheme) => {
      const page = await filled(await visit({}, { colorScheme }))
      for (const summary of await page.locator('summary').all()) await summary.click()
      await page.getByRole('table', { name: 'Log volume' }).waitFor()
      expect(await seriousFaults(page)).toEqual([])
    },
  )
})

interface DomSize {
  readonly width: number
  readonly height: number
}
