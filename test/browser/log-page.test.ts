import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { rm } from 'node:fs/promises'
import { buildLogPage, reactProject } from '../support/react-project.ts'
import { requireServer } from '../support/require-server.ts'
import { ConsoleScene, reaches, rowsOf } from './console-scene.ts'

requireServer('chromium').describe('the example with a page of its own, in a browser', () => {
  let scene: ConsoleScene
  let project = ''
  let pagesDirectory = ''

  beforeAll(async () => {
    project = await reactProject()
    pagesDirectory = await buildLogPage(project)
    scene = await ConsoleScene.open()
  }, 240_000)

  afterEach(async () => {
    await scene?.leave()
    expect(scene?.complaints.splice(0)).toEqual([])
  })

  afterAll(async () => {
    await scene?.close()
    await rm(project, { recursive: true, force: true })
  })

  test('shows lines, and a button filters them and is in the address', async () => {
    const { port } = await scene.serve({ pagesDirectory })
    const page = await scene.visit(port)
    await reaches(page, /^Live$/)
    await page.getByRole('button', { name: 'Errors' }).click()
    await page.waitForURL(/levels=/)
    await reaches(page, /^Live$/)
    scene.tail.write({ level: 'info', message: 'fine' })
    scene.tail.write({ level: 'error', message: 'timeout' })
    await rowsOf(page).first().waitFor()
    expect(await rowsOf(page).first().textContent()).toContain('timeout')
  })

  test('asks for a token where the live tail has one', async () => {
    const { port } = await scene.serve({ pagesDirectory, token: 'secret' })
    const page = await scene.visit(port)
    await page.getByLabel('Token of the live tail').fill('secret')
    await page.getByRole('button', { name: 'Show logs' }).click()
    await reaches(page, /^Live$/)
  })
})
