// `npm run console:picture`: pictures of the console's real page, with logs and numbers of a small shop, into docs/images/.
// `dark`: of its dark theme.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { openKafka, silentLogger, string } from '../src/index.ts'
import { startLiveTail } from '../src/live-tail/index.ts'
import { MemoryKafka } from '../src/testing/index.ts'
import { chromiumProgram, chromiumUnavailable } from './chromium.mjs'
import { packageRoot } from './lab/folders.mjs'
import { writeShopNumbers } from './console/shop-numbers.ts'
import { say } from './setup.mjs'

const missing = chromiumUnavailable()
if (missing !== undefined) {
  say(missing)
  process.exit(2)
}

const services = [
  ['payments', 'gateway'],
  ['checkout', 'api'],
  ['search', 'index'],
  ['catalog', 'api'],
  ['mail', 'worker'],
] as const
const messages: readonly (readonly [level: string, message: string, fields: Readonly<Record<string, unknown>>])[] = [
  ['info', 'POST /orders answered after 41 ms', { http: { status: 201, path: '/orders' }, durationMs: 41 }],
  [
    'info',
    'GET /catalog/shoes answered after 12 ms',
    { http: { status: 200, path: '/catalog/shoes' }, durationMs: 12 },
  ],
  ['debug', 'cache hit for product 4711', { key: 'product:4711' }],
  ['info', 'index refreshed', { documents: 1842, durationMs: 320 }],
  ['warn', 'pool has 2 of 40 connections left', { pool: 'orders-db', waiting: 7 }],
  ['info', 'order confirmed', { orderId: 'o-90417', total: 129.9 }],
  ['error', 'timeout after 30 s: acquirer did not answer', { http: { status: 504 }, acquirer: 'nordbank', attempt: 3 }],
  ['info', 'mail queued', { template: 'order-confirmed' }],
  ['debug', 'token renewed', { validForSeconds: 3600 }],
]
const rare = ['critical', 'no acquirer is reachable', { acquirers: ['nordbank', 'alpenpay'] }] as const

const memory = new MemoryKafka({ topics: { 'enriched-logs': 4, rates: 1, alerts: 1 } })
const topic = memory.topic('enriched-logs', { key: string(), value: string() })
const kafka = openKafka(memory.connection)
const pagesDirectory = join(packageRoot(), 'dist', 'console')
const analytics = { ratesTopic: 'rates', alertsTopic: 'alerts' }
const options = {
  topics: ['enriched-logs'],
  analytics,
  port: 0,
  logger: silentLogger,
  pagesDirectory,
  heartbeatMs: 300,
}
writeShopNumbers(memory, Math.floor(Date.now() / 60_000) * 60_000)
const server = await startLiveTail(kafka, options)
const browser = await chromium.launch({ executablePath: chromiumProgram() ?? '', args: ['--no-sandbox'] })
const folder = join(packageRoot(), 'docs', 'images')
await mkdir(folder, { recursive: true })

let written = 0
/** A log of the shop: most are information, some are worse. */
function write(): void {
  const turn = written++
  const usual = messages[(turn * 7 + Math.floor(turn / 10)) % messages.length] ?? rare
  const [level, message, fields] = turn % 60 === 51 ? rare : usual
  const [service, component] = services[(turn * 3) % services.length] ?? services[0]
  const timestamp = new Date(Date.UTC(2026, 11, 1, 9, 30) + turn * 137).toISOString()
  const log = { timestamp, level, service, component, message, correlationId: `c-${4000 + (turn % 40)}`, ...fields }
  topic.write(null, JSON.stringify(log), { partition: turn % 4 })
}

const isDark = process.argv[2] === 'dark'
const page = await browser.newPage({
  viewport: { width: 1200, height: 560 },
  colorScheme: isDark ? 'dark' : 'light',
  timezoneId: 'UTC',
})
await page.goto(`http://127.0.0.1:${server.port}/?levels=info,warn,error,critical&search=nordbank`)
await page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
for (let line = 0; line < 400; line++) write()
await page.getByText('by the filter').waitFor()
await page.locator('.mr-row.mr-level-error').last().click()
await page.locator('.mr-details').waitFor()
// The rate of lines is that of the last second: none.
await page.getByText('0 lines/s', { exact: true }).waitFor()
await page.screenshot({ path: join(folder, isDark ? 'console-dark.png' : 'console.png') })
await page.setViewportSize({ width: 1200, height: 1080 })
await page.goto(`http://127.0.0.1:${server.port}/#/analytics`)
await page.getByText('p99', { exact: false }).last().waitFor()
await page.locator('.mr-plot canvas').last().waitFor()
await page.screenshot({ path: join(folder, isDark ? 'analytics-dark.png' : 'analytics.png') })
await browser.close()
await server.close()
await kafka.close()
