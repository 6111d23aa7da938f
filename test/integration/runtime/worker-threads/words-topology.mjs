// A topology as a module, for tests of worker threads: counts words, and says of each in which thread it was read. A
// word such as `exit!/tmp/file` ends its thread in that way, once: unless the file is there already. `hold!/tmp/file`
// holds its thread until the file is gone again.
// LIBRARY: the compiled library. TOPICS: the prefix of its topics. WHEN_FAILED: what a failed thread means.
import { existsSync, writeFileSync } from 'node:fs'
import { threadId } from 'node:worker_threads'

const { defineTopology, logAndContinue, logAndFail, long, string } = await import(process.env.LIBRARY)
const topics = process.env.TOPICS
const text = { key: string(), value: string() }

const endings = {
  exit: () => process.exit(7),
  memory: () => {
    for (const rows = []; ; ) rows.push(new Array(1_000_000).fill(rows.length))
  },
  throw: () =>
    setImmediate(() => {
      throw new Error('outside of a record')
    }),
  hold: (file) => {
    const pause = new Int32Array(new SharedArrayBuffer(4))
    while (existsSync(file)) Atomics.wait(pause, 0, 0, 10)
  },
  refuse: () => {
    throw new Error('a word that is refused')
  },
  fail: () => {
    throw new Error('a word that ends its thread')
  },
}

function read(word) {
  const [kind, file] = word.split('!')
  if (file === undefined || existsSync(file)) return word
  writeFileSync(file, '')
  endings[kind](file)
  return word
}

export default defineTopology('words', (builder) => {
  const names = builder.globalTable(`${topics}-names`, { ...text, store: 'names' })
  const words = builder.stream(`${topics}-words`, text).mapValues(read)
  words.leftJoin(names, (key) => key, (word, name) => `${threadId} ${word} ${name}`).to(`${topics}-seen`, text)
  words.groupByKey().count({ store: 'counts' }).toStream().to(`${topics}-counts`, { key: string(), value: long() })
})

export const options = {
  processingHandler: (error, context) =>
    (error.message.includes('ends its thread') ? logAndFail : logAndContinue)(error, context),
  uncaughtErrorHandler: () => process.env.WHEN_FAILED ?? 'replace-thread',
}
