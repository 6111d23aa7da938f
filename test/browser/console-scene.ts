import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { chromiumProgram } from '../../scripts/chromium.mjs'
import { packageRoot } from '../../scripts/lab/folders.mjs'
import { ensureConsoleBuilt } from '../../scripts/setup.mjs'
import type { LiveTailServer, LiveTailServerOptions } from '../../src/live-tail/index.ts'
import { TailScene } from '../unit/live-tail/scene.ts'

export const consoleDirectory = join(packageRoot(), 'dist', 'console')

/** What the browser says of connections that a test cuts, and of tokens that it does not have, is no fault of the page. */
const expectedFaults = /^Failed to load resource: (net::ERR_|.* status of 401 )/

/** A browser, and live tails that serve it the built page. */
export class ConsoleScene {
  readonly tail = new TailScene()
  /** What pages have complained about; also what their policy has refused. */
  readonly complaints: string[] = []
  readonly #browser: Browser

  static async open(): Promise<ConsoleScene> {
    ensureConsoleBuilt()
    const executablePath = chromiumProgram() ?? ''
    // As root, as in containers, it has no sandbox of its own.
    return new ConsoleScene(await chromium.launch({ executablePath, args: ['--no-sandbox'] }))
  }

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  serve(options: Partial<LiveTailServerOptions> = {}): Promise<LiveTailServer> {
    return this.tail.serve({ pagesDirectory: consoleDirectory, ...options })
  }

  /** A page in a profile of its own, when the stream is live. */
  async visit(port: number, query = '', options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 720 }, ...options })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const page = await context.newPage()
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && !expectedFaults.test(message.text())) this.complaints.push(message.text())
    })
    await page.goto(`http://127.0.0.1:${port}/${query}`)
    return page
  }

  /** Closes all pages. */
  async leave(): Promise<void> {
    await Promise.all(this.#browser.contexts().map((context) => context.close()))
  }

  async close(): Promise<void> {
    await this.#browser.close()
    await this.tail.close()
  }
}

/** Resolves when the page says this of its connection. */
export const reaches = (page: Page, words: RegExp) => page.getByRole('status').filter({ hasText: words }).waitFor()

/** Rows of lines that are drawn. */
export const rowsOf = (page: Page) => page.locator('.mr-list .mr-row')

/** Violations of the rules of accessibility that are serious or worse. */
export async function seriousFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResult>('axe.run()')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string
    readonly nodes: readonly { readonly html: string }[]
  }[]
}
