import { defineTopology, integer, json, type StreamsBuilder, string, tumblingWindows } from '../../src/index.ts'
import { defineWorker, setting } from '../../src/worker/index.ts'

interface View {
  readonly page: string
}
const serdes = { key: string(), value: json<View>() }
const byPage = { name: 'by-page', ...serdes }
const pageOf = (_user: string, { page }: View) => page
const views = (builder: StreamsBuilder, ...topics: [string, ...string[]]) => builder.stream(topics, serdes)
const minutes = (sizeMs: number, graceMs: number) => tumblingWindows({ sizeMs: sizeMs * 60_000, graceMs })

/** One application at different times. */
const shapes = {
  base: (builder) =>
    views(builder, 'views').groupBy(pageOf, byPage).count({ store: 'counts' }).toStream().to('view-counts'),
  filtered: (builder) =>
    views(builder, 'views')
      .filter((_user, { page }) => page !== '/health')
      .groupBy(pageOf, byPage)
      .count({ store: 'counts' })
      .toStream()
      .to('view-counts'),
  otherOutput: (builder) =>
    views(builder, 'views').groupBy(pageOf, byPage).count({ store: 'counts' }).toStream().to('totals'),
  uncached: (builder) =>
    views(builder, 'views')
      .groupBy(pageOf, byPage)
      .count({ store: 'counts', caching: false })
      .toStream()
      .to('view-counts'),
  renamed: (builder) =>
    views(builder, 'views').groupBy(pageOf, byPage).count({ store: 'totals' }).toStream().to('view-counts'),
  otherRepartition: (builder) =>
    views(builder, 'views')
      .groupBy(pageOf, { ...byPage, name: 'of-page' })
      .count({ store: 'counts' })
      .toStream()
      .to('view-counts'),
  generated: (builder) => views(builder, 'views').groupByKey().count().toStream().to('view-counts'),
  generatedFiltered: (builder) =>
    views(builder, 'views')
      .filter((_user, { page }) => page !== '/health')
      .groupByKey()
      .count()
      .toStream()
      .to('view-counts'),
  twoStores: (builder) => {
    const grouped = views(builder, 'views').groupBy(pageOf, byPage)
    grouped.count({ store: 'counts' }).toStream().to('view-counts')
    grouped
      .reduce((_, view) => view, { store: 'latest' })
      .toStream()
      .to('latest')
  },
  stateless: (builder) => views(builder, 'views').to('latest'),
  otherValues: (builder) =>
    views(builder, 'views')
      .groupBy(pageOf, byPage)
      .reduce((_, view) => view, { store: 'counts' })
      .toStream()
      .to('latest'),
  otherKeys: (builder) =>
    views(builder, 'views')
      .groupBy(() => 1, { name: 'by-page', key: integer(), value: serdes.value })
      .count({ store: 'counts' })
      .toStream()
      .to('view-counts'),
  windowed: (builder) =>
    views(builder, 'views').groupBy(pageOf, byPage).windowedBy(minutes(1, 0)).count({ store: 'counts' }),
  longerWindows: (builder) =>
    views(builder, 'views').groupBy(pageOf, byPage).windowedBy(minutes(2, 0)).count({ store: 'counts' }),
  longerGrace: (builder) =>
    views(builder, 'views').groupBy(pageOf, byPage).windowedBy(minutes(1, 60_000)).count({ store: 'counts' }),
  twoInputs: (builder) =>
    views(builder, 'views', 'clicks').groupBy(pageOf, byPage).count({ store: 'counts' }).toStream().to('view-counts'),
} satisfies Record<string, (builder: StreamsBuilder) => unknown>

export type Shape = keyof typeof shapes

export function evolvingTopology(shape: Shape) {
  return defineTopology('evolving', (builder) => {
    shapes[shape](builder)
  })
}

/** The setting SHAPE chooses the version. */
export default defineWorker<{ readonly shape: Shape }>({
  name: 'evolving',
  settings: [setting('shape', 'SHAPE', { enum: Object.keys(shapes), default: 'base' })],
  topology: ({ settings }) => evolvingTopology(settings.shape),
})
