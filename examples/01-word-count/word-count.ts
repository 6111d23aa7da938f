import { defineTopology, string } from 'millrace'

/** Counts how often each word occurs: lines of text come in, words with their counts go out. */
export const wordCount = defineTopology('word-count', (builder) => {
  builder
    .stream('lines', { name: 'lines', key: string(), value: string() })
    .flatMapValues((line) => line.toLowerCase().match(/\p{Letter}+/gu) ?? [], { name: 'words' })
    .groupBy((_, word) => word, { name: 'by-word', key: string(), value: string() })
    .count({ name: 'counts', store: 'counts' })
    .toStream({ name: 'changes' })
    .to('word-counts', { name: 'to-word-counts' })
})
