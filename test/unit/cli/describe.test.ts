import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { commandLine } from '../../support/command-line.ts'

const pageViews = 'test/unit/cli/modules/page-views.ts'

describe('millrace describe', () => {
  test('prints the topology of a module as Kafka Streams prints it', async () => {
    const { exitCode, out } = await commandLine().run('describe', pageViews)
    expect(exitCode).toBe(0)
    expect(out).toMatch(/^Topologies:\n {3}Sub-topology: 0\n/)
  })

  test('prints a Mermaid flowchart when asked', async () => {
    const { out } = await commandLine().run('describe', pageViews, '--mermaid')
    expect(out).toMatch(/^flowchart/)
  })

  test('prints one JSON document when asked', async () => {
    const { out } = await commandLine().run('describe', pageViews, '--json')
    expect(JSON.parse(out)).toHaveProperty('nodes')
  })

  describe('with --html', () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-picture-'))
    const file = join(folder, 'picture.html')
    let page = ''
    beforeAll(async () => {
      await commandLine().run('describe', pageViews, '--html', file)
      page = readFileSync(file, 'utf8')
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    test('writes a page that loads nothing', () => {
      expect(page).toMatch(/^<!doctype html>/)
      expect(page.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|src=|href=|<script/)
    })

    test('draws each topic, node and store once', () => {
      const drawn = [...page.matchAll(/<g class="(\w+)">/g)].map(([, kind]) => kind)
      const count = (kind: string) => drawn.filter((one) => one === kind).length
      expect([count('topic'), count('source'), count('sink'), count('store')]).toEqual([3, 2, 2, 1])
    })

    test('draws no two items over each other', () => {
      const frames = [...page.matchAll(/<rect class="item" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"/g)].map((match) =>
        match.slice(1).map(Number),
      )
      const isOver = ([x = 0, y = 0, width = 0]: number[], [left = 0, top = 0]: number[]) =>
        y === top && left >= x && left < x + width
      expect(frames.some((one) => frames.some((other) => one !== other && isOver(one, other)))).toBe(false)
    })
  })

  test('takes the only topology of a module without a default export', async () => {
    const { out } = await commandLine().run('describe', 'test/unit/cli/modules/plain-topology.ts')
    expect(out).toContain('topics: [originals]')
  })

  test('says which file exports no topology, and what to export', async () => {
    const { exitCode, errors } = await commandLine().run('describe', 'test/unit/cli/modules/no-topology.ts')
    expect(exitCode).toBe(2)
    expect(errors).toMatch(/no-topology\.ts exports no topology: export the result of defineTopology or defineWorker/)
  })

  test('says which file cannot be imported', async () => {
    const { exitCode, errors } = await commandLine().run('describe', 'test/unit/cli/modules/missing.ts')
    expect(exitCode).toBe(2)
    expect(errors).toMatch(/missing\.ts .*WORKER_MODULE/s)
  })
})

describe('millrace', () => {
  test('ends with 0 after --help, which lists every command', async () => {
    const { exitCode, out } = await commandLine().run('--help')
    expect(exitCode).toBe(0)
    expect(out).toMatch(/describe.*topics.*completion/s)
  })

  test('tells its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }
    expect(await commandLine().run('--version')).toMatchObject({ exitCode: 0, out: `${version}\n` })
  })

  test('ends with 2 after an option that does not exist', async () => {
    const { exitCode, errors } = await commandLine().run('describe', pageViews, '--colour')
    expect(exitCode).toBe(2)
    expect(errors).toContain("unknown option '--colour'")
  })

  test('ends with 2 after settings that cannot be used, all named at once', async () => {
    const environment = { OPS_PORT: 'high', LOG_LEVEL: 'loud' }
    const { exitCode, errors } = await commandLine({ environment }).run('describe', pageViews)
    expect(exitCode).toBe(2)
    expect(errors).toMatch(/OPS_PORT.*LOG_LEVEL/s)
  })
})
