import { defineTopology, json, long, string } from 'millrace'

export type View = { readonly page: string }

/** Counts the views of each page: views come in, pages with their counts go out. */
export const pageViews = defineTopology('page-views', (builder) => {
  builder
    .stream('views', { name: 'views', key: string(), value: json<View>() })
    .groupBy((_, { page }) => page, { name: 'by-page', key: string(), value: json<View>() })
    .count({ name: 'counts', store: 'counts' })
    .toStream({ name: 'changes' })
    .to('view-counts', { name: 'to-view-counts', key: string(), value: long() })
})
