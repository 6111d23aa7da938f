import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import type { LiveTailServerOptions } from '../../src/live-tail/index.ts'
import { requireServer } from '../support/require-server.ts'
import { opsToken, WorkerScene } from '../unit/live-tail/worker-scene.ts'
import { ConsoleScene, reaches, seriousFaults } from './console-scene.ts'
import { PathProxy } from './path-proxy.ts'

let scene: ConsoleScene
let workers: WorkerScene
let addresses: readonly string[]
let writing: ReturnType<typeof setInterval>

const serve = (options: Partial<LiveTailServerOptions> = {}) =>
  scene.serve({ workers: { addresses, token: opsToken }, ...options })
const edge = (page: Page, from: string, to: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: from, exact: true }), hasText: to })
const table = (page: Page, title: string) =>
  page.getByRole('group', { name: 'tables' }).getByRole('button', { name: title })

requireServer('chromium').describe('the streams of the console', () => {
  beforeAll(async () => {
    scene = await ConsoleScene.open()
    workers = new WorkerScene()
    addresses = [await workers.start(), await workers.start()]
    let number = 0
    writing = setInterval(() => {
      for (const partition of [0, 1]) workers.orders.write('k', `customer ${number++ % 50}`, { partition })
    }, 50)
  }, 120_000)

  afterAll(async () => {
    clearInterval(writing)
    await scene?.close()
    await workers?.close()
  })

  afterEach(async () => {
    await scene.leave()
    // A policy that refuses styles or scripts of the page says so here.
    expect(scene.complaints.splice(0)).toEqual([])
  })

  test('show the topology with rates on its edges, and the same in a table', async () => {
    const { port } = await serve()
    const page = await scene.visit(port, '#/streams')
    await page.getByRole('img', { name: 'topology of orders' }).waitFor()
    await page.locator('.mr-box-topic', { hasText: 'orders' }).first().waitFor()
    await page
      .locator('.mr-flowing text', { hasText: /^[\d.,]+\/s$/ })
      .first()
      .waitFor()
    await edge(page, 'orders', 'orders-in')
      .filter({ hasText: /[1-9][\d.,]*\/s/ })
      .waitFor()
    await reaches(page, /^2 processes answer$/)
  })

  test('show which process and thread has which task, and how large its stores are', async () => {
    const { port } = await serve()
    const page = await scene.visit(port, '#/streams')
    await table(page, 'Tasks').click()
    for (const address of addresses) await page.getByRole('cell', { name: address }).first().waitFor()
    await page.getByRole('row').filter({ hasText: '0_0' }).filter({ hasText: 'RUNNING' }).waitFor()
    await table(page, 'Stores').click()
    const rows = page.getByRole('cell', { name: /^[1-9]\d+$/ })
    await page.getByRole('row').filter({ hasText: 'totals-store' }).filter({ has: rows }).waitFor()
    await table(page, 'Processes').click()
    await page.getByRole('row').filter({ hasText: 'orders-thread-1: ' }).first().waitFor()
  })

  test('tap an edge, whose records come, until somebody stops', async () => {
    const { port } = await serve()
    const page = await scene.visit(port, '#/streams')
    await page.getByRole('button', { name: 'tap orders to orders-in' }).click()
    await page.getByRole('button', { name: 'Start tap' }).click()
    await page.getByRole('list', { name: 'records' }).getByText('"topic":"orders"').first().waitFor()
    await page.getByRole('button', { name: 'Stop tap' }).click()
    await page.locator('.mr-tap').getByRole('status').filter({ hasText: 'Stopped' }).waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.locator('.mr-tap').waitFor({ state: 'detached' })
  })

  test('select an edge by a click on its line, which says where records cannot be tapped', async () => {
    const { port } = await serve()
    const page = await scene.visit(port, '#/streams')
    // Whatever lies above it.
    await page.locator('.mr-edge', { hasText: 'orders-in → with-text' }).dispatchEvent('click')
    await page.getByText('Records pass here inside of a task').waitFor()
  })

  test('move and zoom by keys', async () => {
    const { port } = await serve()
    const page = await scene.visit(port, '#/streams')
    await page.locator('.mr-box').first().waitFor()
    const place = () => page.locator('svg > g').getAttribute('transform')
    const area = page.getByRole('group', { name: /picture of the topology/ })
    const before = await place()
    await area.press('ArrowDown')
    const moved = await place()
    await area.press('-')
    const zoomed = await place()
    expect(new Set([before, moved, zoomed]).size).toBe(3)
    await area.press('0')
    expect(await place()).toMatch(/scale\(/)
  })

  test('are a section with an address of its own, and ask nothing while they are not shown', async () => {
    const { port } = await serve()
    const page = await scene.visit(port, '?levels=error')
    await reaches(page, /^Live$/)
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    const navigation = page.getByRole('navigation', { name: 'sections' })
    await navigation.getByRole('link', { name: 'Streams' }).press('Enter')
    await page.waitForURL(/#\/streams$/)
    await page.locator('.mr-box').first().waitFor()
    expect(await navigation.locator('[aria-current=page]').allTextContents()).toEqual(['Streams'])
    await page.goBack()
    await page.waitForURL(/levels=error$/)
    await reaches(page, /^Live$/)
    asked.length = 0
    // As long as it takes until the stream has told something again.
    scene.tail.write({ level: 'error', message: 'meanwhile' })
    await page.getByText('meanwhile').waitFor()
    expect(asked.filter((path) => path.startsWith('/streams/'))).toEqual([])
  })

  test('work below a path of a proxy, and keep the application in the address', async () => {
    const { port } = await serve()
    const proxy = await PathProxy.start('/tail/', port)
    const page = await scene.visit(proxy.port, 'tail/#/streams')
    await page.getByRole('button', { name: 'orders', exact: true }).click()
    await page.waitForURL(/\/tail\/\?application=orders#\/streams$/)
    await page.locator('.mr-box').first().waitFor()
    proxy.stop()
  })

  test.each(['light', 'dark'] as const)(
    'have no serious fault of accessibility in the %s theme',
    async (colorScheme) => {
      const { port } = await serve()
      const page = await scene.visit(port, '#/streams', { colorScheme, reducedMotion: 'reduce' })
      await page.locator('.mr-flowing').first().waitFor()
      await page.getByRole('button', { name: 'tap orders to orders-in' }).click()
      await page.getByRole('button', { name: 'Start tap' }).click()
      await page.getByRole('list', { name: 'records' }).waitFor()
      expect(await seriousFaults(page)).toEqual([])
      for (const title of ['Tasks', 'Stores', 'Processes']) {
        await table(page, title).click()
        expect(await seriousFaults(page)).toEqual([])
      }
    },
  )
})
