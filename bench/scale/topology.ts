import { bytes, defineTopology, json, string } from '../../src/index.ts'

/** A job of the bench, as its environment says: `copy` of bytes, `parse` as JSON and write, `count` by key in a store. */
const { SCALE_JOB: job = 'copy', SCALE_INPUT: input = '', SCALE_OUTPUT: output = '' } = process.env
const key = string()
let isSeen = false

function seen(): void {
  if (!isSeen) process.stdout.write('FIRST\n')
  isSeen = true
}

export default defineTopology('scale', (builder) => {
  if (job === 'parse') {
    const value = json<object>()
    builder
      .stream(input, { key, value })
      .peek(() => seen())
      .to(output, { key, value })
    return
  }
  const stream = builder.stream(input, { key, value: bytes() }).peek(() => seen())
  if (job === 'copy') stream.to(output, { key, value: bytes() })
  else
    stream.groupByKey().aggregate(
      () => new Uint8Array(),
      (_, value) => value,
      { store: 'last', key, value: bytes() },
    )
})
