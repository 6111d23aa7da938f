import { expect, test } from '@jest/globals'
import { LineStore } from '../../../console/react/stream/line-store.ts'
import { exportLines } from '../../../console/react/view/export-lines.ts'
import { lines } from './lines.ts'

const store = new LineStore(100)
store.add(lines(0, 1), undefined)
store.addGap('lost')
store.add(lines(1, 2, { message: '=HYPERLINK("x"),\n1', level: 'error' }), undefined)

test('NDJSON has the logs, one per line', async () => {
  const text = await exportLines(store.rows, 'ndjson').text()
  expect(
    text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { level: string }).level),
  ).toEqual(['info', 'error'])
})

test('CSV has quotes where they are needed, and no formulas', async () => {
  const text = await exportLines(store.rows, 'csv').text()
  const [header, first] = text.split('\n')
  expect(header).toBe('time,level,origin,message,count,topic,partition,offset,log')
  expect(first).toBe('1970-01-01T00:16:40.000Z,info,,line 0,1,logs,0,0,"{""level"":""info"",""message"":""line 0""}"')
  expect(text).toContain(`,error,,"'=HYPERLINK(""x""),\n1",1,logs,0,1,`)
})
