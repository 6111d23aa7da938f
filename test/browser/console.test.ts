import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { PlainProxy } from '../support/plain-proxy.ts'
import { requireServer } from '../support/require-server.ts'
import { numbered } from '../unit/live-tail/scene.ts'
import { PathProxy } from './path-proxy.ts'
import { consoleDirectory, ConsoleScene, reaches, rowsOf, seriousFaults } from './console-scene.ts'

let scene: ConsoleScene

async function live(page: Page): Promise<Page> {
  await reaches(page, /^Live$/)
  return page
}

/** Lines of one partition: they come in this order. */
function writeLines(from: number, to: number): void {
  for (let number = from; number < to; number++) scene.tail.write({ message: `line ${number}`, level: 'info' })
}

/** React for development would be above it. */
const firstScriptGzipBytesMax = 100_000
const gzipBytesMax = 350_000

/** The messages of the lines that the page has, by its own export. */
async function savedMessages(page: Page): Promise<readonly string[]> {
  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save NDJSON' }).click()
  const file = await (await saving).path()
  const text = (await readFile(file, 'utf8')).trimEnd()
  return text === '' ? [] : text.split('\n').map((line) => (JSON.parse(line) as { message: string }).message)
}

requireServer('chromium').describe('the console in a browser', () => {
  beforeAll(async () => {
    scene = await ConsoleScene.open()
  })

  afterAll(() => scene?.close())

  afterEach(async () => {
    await scene.leave()
    // A policy that refuses styles or scripts of the page says so here.
    expect(scene.complaints.splice(0)).toEqual([])
  })

  test('shows lines as they come, in columns, by level', async () => {
    const { port } = await scene.serve()
    const page = await live(await scene.visit(port))
    scene.tail.write({ level: 'error', service: 'payments', message: 'timeout after 30 s', http: { status: 504 } })
    const row = rowsOf(page).first()
    await row.waitFor()
    expect(await row.getAttribute('class')).toContain('mr-level-error')
    const cells = await row.getByRole('gridcell').allTextContents()
    expect(cells.slice(1)).toEqual(['error', 'payments', 'timeout after 30 shttp.status=504'])
  })

  test('filters on the server, says how many lines it does not show, and has the filter in its address', async () => {
    const { port } = await scene.serve({ heartbeatMs: 50 })
    const page = await live(await scene.visit(port))
    await page.getByRole('group', { name: 'levels' }).getByRole('button', { name: 'error' }).click()
    await page.waitForURL(/levels=error/)
    await live(page)
    scene.tail.writeNumbers(0, 20)
    scene.tail.write({ level: 'error', message: 'only this' })
    await page.getByText('only this').waitFor()
    await page.getByText('20 lines not shown: 20 by the filter').waitFor()
    expect(await rowsOf(page).count()).toBe(1)
    await page.goBack()
    await page.waitForURL((address) => address.search === '')
    expect(await page.getByRole('button', { name: 'error' }).getAttribute('aria-pressed')).toBe('false')
  })

  test('pauses where somebody scrolls, counts what comes, and follows again', async () => {
    const { port } = await scene.serve()
    const page = await live(await scene.visit(port))
    writeLines(0, 200)
    await page.getByText('line 199').waitFor()
    await page.getByRole('treegrid').hover()
    await page.mouse.wheel(0, -600)
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    writeLines(200, 300)
    const ahead = page.getByRole('button', { name: '100 new lines' })
    await ahead.waitFor()
    expect(await page.getByText('line 299').count()).toBe(0)
    await ahead.click()
    await page.getByText('line 299').waitFor()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
  })

  test('searches in its lines, marks what it finds, and goes from one to the next', async () => {
    const { port } = await scene.serve()
    const page = await live(await scene.visit(port))
    writeLines(0, 300)
    await page.getByText('299').waitFor()
    await page.getByRole('treegrid').press('/')
    await page.keyboard.type('LINE 12')
    await page.getByText('– of 11').waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('1 of 11').waitFor()
    await page.locator('mark', { hasText: 'line 12' }).first().waitFor()
    await page.waitForURL(/search=LINE\+12/)
  })

  test('opens a log by keys, as JSON', async () => {
    const { port } = await scene.serve()
    const page = await live(await scene.visit(port))
    scene.tail.write({ level: 'info', message: 'deep', http: { request: { id: 'r-17' } } })
    await page.getByText('deep').waitFor()
    const grid = page.getByRole('treegrid')
    await grid.press('j')
    await grid.press('Enter')
    await page.locator('pre', { hasText: '"id": "r-17"' }).waitFor()
    await grid.press('Escape')
    await page.locator('pre').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Raw' }).click()
    await page.getByText('{"level":"info","message":"deep"').waitFor()
  })

  test('shares a line by a link that shows it, and what was around it', async () => {
    const { port } = await scene.serve()
    const page = await live(await scene.visit(port))
    writeLines(0, 400)
    await page.getByText('line 399').click()
    await page.locator('.mr-details').getByRole('button', { name: 'Copy link' }).click()
    const link = await page.evaluate<string>('navigator.clipboard.readText()')
    const other = await scene.visit(port, new URL(link).search)
    await other.locator('pre', { hasText: '"message": "line 399"' }).waitFor()
    await other.locator('.mr-details').getByRole('button', { name: 'Lines around' }).click()
    await other.waitForURL(/since=.*until=/)
    await other.locator('pre', { hasText: '"message": "line 399"' }).waitFor()
  })

  test('comes back after cuts of its connection with every line once', async () => {
    const { port } = await scene.serve()
    const proxy = await PlainProxy.start(port)
    const page = await live(await scene.visit(proxy.port))
    for (let round = 0; round < 3; round++) {
      scene.tail.writeNumbers(round * 100, round * 100 + 50)
      await page.getByText(`${round * 100 + 50} received`).waitFor()
      proxy.setDown(true)
      await reaches(page, /^Connection lost/)
      scene.tail.writeNumbers(round * 100 + 50, round * 100 + 100)
      proxy.setDown(false)
      await live(page)
    }
    await page.getByText('300 received').waitFor()
    expect((await savedMessages(page)).toSorted()).toEqual(numbered(0, 300).toSorted())
    await proxy.stop()
  })

  test('works below a path of a proxy', async () => {
    const { port } = await scene.serve()
    const proxy = await PathProxy.start('/tail/', port)
    const page = await live(await scene.visit(proxy.port, 'tail/?levels=error'))
    scene.tail.write({ level: 'error', message: 'below a path' })
    await page.getByText('below a path').click()
    await page.locator('.mr-details').getByRole('button', { name: 'Copy link' }).click()
    const link = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(link).toContain(`:${proxy.port}/tail/?levels=error&line=`)
    proxy.stop()
  })

  test('has no navigation where there is one section, and says so where the address names another', async () => {
    const { port } = await scene.serve()
    const page = await live(await scene.visit(port, '#/logs'))
    expect(await page.getByRole('navigation').count()).toBe(0)
    const other = await scene.visit(port, '#/nothing')
    await other.getByText('nothing to show at this address').waitFor()
  })

  test('asks for the token of a live tail that has one', async () => {
    const { port } = await scene.serve({ token: 'secret' })
    const page = await scene.visit(port)
    await page.locator('input[type=password]').fill('wrong')
    await page.keyboard.press('Enter')
    await page.getByText('did not accept').waitFor()
    await page.locator('input[type=password]').fill('secret')
    await page.keyboard.press('Enter')
    await live(page)
  })

  test.each(['light', 'dark'] as const)(
    'has no serious fault of accessibility in the %s theme',
    async (colorScheme) => {
      const { port } = await scene.serve()
      const page = await live(await scene.visit(port, '?search=gateway', { colorScheme }))
      for (const level of ['debug', 'info', 'warn', 'error', 'critical'])
        scene.tail.write({ level, service: 'payments', component: 'gateway', message: `gateway ${level}`, code: 7 })
      await page.locator('mark', { hasText: 'gateway' }).first().waitFor()
      await page.getByRole('button', { name: 'More' }).click()
      await rowsOf(page).last().click()
      await page.locator('pre').waitFor()
      expect(await seriousFaults(page)).toEqual([])
    },
  )

  test('takes 5,000 lines per second for some seconds, accounts for each, and still hears keys', async () => {
    const { port } = await scene.serve({ linesPerSecondMax: 50_000, queueLinesMax: 20_000, heartbeatMs: 200 })
    const page = await live(await scene.visit(port))
    const seconds = 4
    for (let tick = 0; tick < seconds * 20; tick++) {
      for (let line = 0; line < 250; line++)
        scene.tail.write({ level: 'info', service: 'load', message: `load ${tick} ${line}`, tick, line }, line % 2)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await page.getByText(`${(seconds * 5000).toLocaleString('en-US')} received`).waitFor()
    await page.getByText('0 lines not shown').waitFor()
    await page.getByRole('treegrid').press('p')
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    // However many lines there are, only those that can be seen are drawn.
    expect(await rowsOf(page).count()).toBeLessThan(80)
  })

  test('is small, and loads nothing from elsewhere', () => {
    const files = readdirSync(consoleDirectory, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.includes('.'),
    )
    const contents = files.map((name) => readFileSync(join(consoleDirectory, name)))
    const bytes = contents.reduce((sum, content) => sum + gzipSync(content).length, 0)
    expect(bytes).toBeLessThan(gzipBytesMax)
    const page = readFileSync(join(consoleDirectory, 'index.html'), 'utf8')
    const [, firstScript = ''] = /<script[^>]* src="([^"]*)"/.exec(page) ?? []
    expect(gzipSync(readFileSync(join(consoleDirectory, firstScript))).length).toBeLessThan(firstScriptGzipBytesMax)
    expect([...page.matchAll(/(?:src|href)="([^"]*)"/g)].filter(([, address]) => !address?.startsWith('./'))).toEqual(
      [],
    )
  })
})
