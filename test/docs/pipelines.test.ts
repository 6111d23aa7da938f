import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { logSourcesPage } from '../../scripts/docs/log-sources-page.ts'
import { importedPipeline, type ImportSource, loadPipeline, runExamples } from '../../src/pipelines/index.ts'
// #region pipeline
import { pipeline } from '../../src/pipelines/index.ts'

const orders = pipeline({
  name: 'orders',
  steps: [{ drop: {}, when: "message contains '/healthz'" }, { mutate: { rename: { usr: 'user.name' } } }],
})
// #endregion

test('a pipeline from code does what it says', () => {
  const run = orders.open()
  expect(run.read('GET /healthz 200', 0, 'web')).toEqual([])
  expect(run.read('{"message":"in","usr":"ann"}', 0, 'web')?.[0]?.fields.user).toEqual({ name: 'ann' })
})

const root = join(import.meta.dirname, '../..')
const workers: readonly (readonly [string, string])[] = readdirSync(join(root, 'pipelines')).map((file) => [
  `pipelines/${file}`,
  readFileSync(join(root, 'pipelines', file), 'utf8'),
])
const pages = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'))
const blocks: readonly (readonly [string, string])[] = pages.flatMap((page) =>
  [...readFileSync(join(root, 'docs', page), 'utf8').matchAll(/^```yaml\n(name: .*?)^```$/gms)].map(
    ([, text = ''], index) => [`docs/${page}, pipeline ${index + 1}`, text] as const,
  ),
)

test.each([...workers, ...blocks])('%s has right examples only', (name, text) => {
  const results = runExamples(loadPipeline(text, name))
  expect(results.flatMap(({ differences }) => differences)).toEqual([])
})

test('docs/log-sources.md is what `npm run docs:sources` writes', async () => {
  expect(readFileSync(join(root, 'docs/log-sources.md'), 'utf8')).toBe(await logSourcesPage())
})

test.each(['logstash', 'fluent-bit', 'vector'] as const)('docs/from-%s.md shows what the import makes', (from) => {
  const page = readFileSync(join(root, `docs/from-${from}.md`), 'utf8')
  const [, file = '', text = ''] = /^`([\w.-]+)`:\n\n```\w*\n(.*?)^```$/ms.exec(page) ?? []
  const [, converted] = /^```yaml\n(# From.*?)^```$/ms.exec(page) ?? []
  const [, refused] = /^```text\n(.*?)^```$/ms.exec(page) ?? []
  const result = importedPipeline(from satisfies ImportSource, text, file)
  const lines = result.notConverted.map(({ line, what }) => `millrace: ${file}:${line}: not converted: ${what}\n`)
  expect([converted, refused]).toEqual([result.text, lines.join('')])
})
