import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { BrowserContextOptions, Page } from 'playwright-core'
import type { AlertRequest } from '../../src/alerts/index.ts'
import type { LiveTailServerOptions } from '../../src/live-tail/index.ts'
import { requireServer } from '../support/require-server.ts'
import { until } from '../support/until.ts'
import { AlertScene, alertTopics } from '../unit/live-tail/alert-scene.ts'
import { ConsoleScene, reaches, seriousFaults } from './console-scene.ts'

let scene: ConsoleScene
let alerts: AlertScene
const folder = mkdtempSync(join(tmpdir(), 'millrace-alerts-page-'))

/** The section with alerts, when it is live. */
async function visit(options: Partial<LiveTailServerOptions> = {}, browser: BrowserContextOptions = {}): Promise<Page> {
  const channels = { chat: 'slack' }
  const { port } = await scene.serve({ alerts: { ...alertTopics, channels }, ...options })
  const page = await scene.visit(port, '#/alerts', browser)
  if (options.tokensFile === undefined) await reaches(page, /^Live$/)
  return page
}

const cards = (page: Page) => page.locator('.mr-card')
const card = (page: Page, service: string) => cards(page).filter({ hasText: `errors of ${service}` })

requireServer('chromium').describe('alerts in a browser', () => {
  beforeAll(async () => {
    scene = await ConsoleScene.open()
    alerts = new AlertScene(scene.tail)
  })

  afterAll(async () => {
    rmSync(folder, { recursive: true })
    await scene?.close()
  })

  afterEach(async () => {
    alerts.resolveAll()
    await scene.leave()
    expect(scene.complaints.splice(0)).toEqual([])
  })

  test('come and go as they fire and are over, with who was notified', async () => {
    const page = await visit()
    await page.getByText('Nothing fires.').waitFor()
    alerts.fire('checkout')
    await card(page, 'checkout').getByText('slack chat: 1 notice').waitFor()
    alerts.fire('search')
    await page.getByText('2 alerts in 2 groups, 2 not acknowledged').waitFor()
    await page.getByRole('button', { name: 'high' }).click()
    await page.getByText('2 groups not shown by their severity').waitFor()
    await page.getByRole('button', { name: 'high' }).click()
    alerts.resolve('checkout')
    await card(page, 'checkout').waitFor({ state: 'detached' })
  })

  test('are acknowledged by a key, and say who takes care', async () => {
    const page = await visit()
    alerts.fire('checkout')
    await card(page, 'checkout').waitFor()
    await page.getByRole('button', { name: 'By rule' }).press('j')
    const before = alerts.topic(alertTopics.acknowledgementsTopic).read().length
    await page.keyboard.press('a')
    await until(() => alerts.topic(alertTopics.acknowledgementsTopic).read().length > before)
    alerts.acknowledge()
    await card(page, 'checkout').getByText('ann takes care').waitFor()
    expect(await card(page, 'checkout').getByRole('button', { name: 'Acknowledge' }).count()).toBe(0)
  })

  test('are silenced until an end, with a reason, and no longer', async () => {
    const page = await visit()
    alerts.fire('search')
    await card(page, 'search').getByRole('button', { name: 'Silence' }).click()
    await page.getByLabel('Which alerts').selectOption('All alerts with service=search')
    await page.getByLabel('Why, for those who wonder').fill('upgrade of the index')
    await page.getByRole('dialog').getByRole('button', { name: 'Silence' }).click()
    const silences = page.getByRole('region', { name: 'silences' })
    await silences.getByText('service=search').waitFor()
    await card(page, 'search').getByRole('button', { name: 'Details' }).click()
    await card(page, 'search')
      .getByText(/firing, .* silenced/)
      .waitFor()
    await silences.getByRole('button', { name: 'end the silence of service=search' }).click()
    await silences.waitFor({ state: 'detached' })
  })

  test('are made an incident by those who may, where receivers are named for it', async () => {
    const page = await visit({ alerts: { ...alertTopics, requests: { incident: ['tickets'] } } })
    alerts.fire('checkout')
    await card(page, 'checkout').getByRole('button', { name: 'Create an incident' }).click()
    const records = () => alerts.topic(alertTopics.acknowledgementsTopic).read()
    const request = () => records().find(({ value }) => Object.hasOwn(value as object, 'request'))
    await until(() => request() !== undefined)
    alerts.ask({ ...(request()?.value as AlertRequest), by: 'ann' })
    await card(page, 'checkout').getByText('incident asked for by ann').waitFor()
    expect(await page.getByRole('button', { name: /Create an incident|Escalate/ }).count()).toBe(0)
  })

  test('lead to the log lines around them', async () => {
    const page = await visit()
    alerts.fire('checkout')
    await card(page, 'checkout').getByRole('button', { name: 'Details' }).click()
    scene.tail.write({ level: 'error', service: 'checkout', message: 'no stock', timestamp: Date.now() })
    scene.tail.write({ level: 'error', service: 'search', message: 'another', timestamp: Date.now() })
    await card(page, 'checkout').getByRole('link', { name: 'Logs around it' }).click()
    await page.getByText('no stock').waitFor()
    expect(page.url()).toMatch(/services=checkout.*#\/logs$/)
    expect(await page.getByText('another').count()).toBe(0)
  })

  test('are only looked at where the role is no other', async () => {
    const tokensFile = join(folder, 'tokens.yaml')
    const token = 'a-token-to-look-only'
    writeFileSync(tokensFile, JSON.stringify({ tokens: [{ user: 'eve', roles: ['readonly'], token }] }))
    const page = await visit({ tokensFile })
    await page.locator('input[type=password]').fill(token)
    await page.keyboard.press('Enter')
    await reaches(page, /^Live$/)
    alerts.fire('checkout')
    await card(page, 'checkout').waitFor()
    await page.getByText('Your role shows alerts, and does not act on them').waitFor()
    expect(await page.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0)
    expect(await page.getByRole('navigation').count()).toBe(0)
  })

  test('ask for notices of the browser on a click, and then send them', async () => {
    const page = await visit()
    await page.evaluate(`
      window.sent = []
      window.Notification = class extends EventTarget {
        static permission = 'granted'
        constructor(title, { body }) { super(); window.sent.push(title + ': ' + body) }
      }
    `)
    alerts.fire('search')
    await card(page, 'search').waitFor()
    await until(async () => (await page.evaluate<string>('window.sent.join()')) === 'high alert: errors of search')
  })

  test.each(['light', 'dark'] as const)(
    'have no serious fault of accessibility in the %s theme',
    async (colorScheme) => {
      const page = await visit({}, { colorScheme })
      for (const service of [`${colorScheme}-shop`, `${colorScheme}-search`])
        alerts.fire(service, { examples: ['ERROR no stock'], links: { runbook: 'https://wiki.example.com' } })
      await card(page, `${colorScheme}-search`).getByRole('button', { name: 'Details' }).click()
      await card(page, `${colorScheme}-search`).locator('pre').waitFor()
      expect(await seriousFaults(page)).toEqual([])
      await card(page, `${colorScheme}-shop`).getByRole('button', { name: 'Silence' }).click()
      await page.getByRole('dialog').waitFor()
      expect(await seriousFaults(page)).toEqual([])
    },
  )
})
