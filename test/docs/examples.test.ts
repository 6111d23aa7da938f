import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { json, string } from '../../src/index.ts'
import * as alerts from '../../src/alerts/index.ts'
import * as collectors from '../../src/collectors/index.ts'
import * as detection from '../../src/detection/index.ts'
import * as library from '../../src/index.ts'
import * as liveTail from '../../src/live-tail/index.ts'
import * as pipelines from '../../src/pipelines/index.ts'
import * as replays from '../../src/replay/index.ts'
import * as workers from '../../src/worker/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'
import { typeErrors } from '../unit/types/compile.ts'
import { createWorld, type World } from './example-world.ts'
import { root } from './markdown.ts'

interface Example {
  readonly place: string
  readonly code: string
}

type Run = (world: World) => Promise<void>

const directory = mkdtempSync(join(tmpdir(), 'millrace-examples-'))
afterAll(() => rmSync(directory, { recursive: true }))

const examples = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => examplesOf(`src/${file}`))

/** The blocks behind `@example` in a file's doc comments. */
function examplesOf(file: string): Example[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/\* @example\n((?: +\*[^/\n]?[^\n]*\n)+?) +\*\//g)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length
    const body = (match[1] ?? '').replace(/^ +\* ?/gm, '')
    return { place: `${file}:${line}`, code: /```ts\n(.*?)```/s.exec(body)?.[1] ?? 'an example is a block of ts' }
  })
}

/** A module that exports one function for each example, with the world's members and the library's names in scope. */
function program(): string {
  const names = Object.keys(library).join(', ')
  const world = Object.keys(createWorld()).join(', ')
  const functions = examples.map(
    ({ place, code }) => `// ${place}\nasync ({ ${world} }: World): Promise<void> => {\n${code}\n},\n`,
  )
  return `import { ${names} } from '${root}/src/index.ts'
import { ${Object.keys(workers).join(', ')} } from '${root}/src/worker/index.ts'
import { ${Object.keys(replays).join(', ')} } from '${root}/src/replay/index.ts'
import { ${Object.keys(alerts).join(', ')} } from '${root}/src/alerts/index.ts'
import { ${Object.keys(pipelines).join(', ')} } from '${root}/src/pipelines/index.ts'
import { ${Object.keys(detection).join(', ')} } from '${root}/src/detection/index.ts'
import { ${Object.keys(collectors).join(', ')} } from '${root}/src/collectors/index.ts'
import { ${Object.keys(liveTail).join(', ')} } from '${root}/src/live-tail/index.ts'
import type { FixedKeyProcessorContext, Processor, ProcessorContext } from '${root}/src/index.ts'
import type { World } from '${root}/test/docs/example-world.ts'
export const runs = [
${functions.join('')}]
`
}

/** What the example of `importTopology` imports. */
const ordersModule = `import { defineTopology, string } from '${root}/src/index.ts'
export default defineTopology('orders', (builder) => {
  builder.stream('numbers', { key: string(), value: string() }).to('doubled')
})
`

test('there are examples', () => expect(examples.length).toBeGreaterThan(40))

test('every example of a doc comment compiles', async () => {
  expect(await typeErrors(program())).toBe('')
})

describe('the example of a doc comment', () => {
  let runs: readonly Run[] | undefined

  async function loaded(): Promise<readonly Run[]> {
    if (runs !== undefined) return runs
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(directory, 'orders.js'), ordersModule)
    const file = join(directory, 'examples.ts')
    writeFileSync(file, program())
    const module = (await import(file)) as { readonly runs: readonly Run[] }
    return (runs = module.runs)
  }

  test.each(examples.map(({ place }, index) => [place, index] as const))('at %s runs', async (_, index) => {
    const world = createWorld()
    await (await loaded())[index]?.(world)
    const driver = new TopologyTestDriver(world.builder.build())
    for (const topic of world.topics) {
      const input = driver.createInputTopic(topic, { key: string(), value: json() })
      input.pipeInput('ann', { id: 'o1', user: 'ann', amount: 7, tags: ['new'], name: 'Ann', country: 'DE', page: '/' })
    }
    await driver.close()
  })
})
