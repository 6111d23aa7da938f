import { expect, test } from '@jest/globals'
import { openKafka, openTopicWriter, partitionOfKey, sessionWindowed, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'

const texts = { key: string(), value: string() }

test('what is written is read back with its place, by partition', () => {
  const topic = new MemoryKafka({ topics: { words: 3 } }).topic('words', texts)
  topic.write('a', 'x', { timestamp: 5, headers: [{ key: 'h', value: Buffer.from('v') }] })
  topic.write('a', null, { timestamp: 6 })
  topic.write(null, 'y', { timestamp: 7, partition: 2 })
  const partition = partitionOfKey(Buffer.from('a'), 3)
  const ofKey = topic.read().filter(({ key }) => key === 'a')
  expect(ofKey).toMatchObject([
    { partition, offset: 0, key: 'a', value: 'x', timestamp: 5, headers: [{ key: 'h' }] },
    { partition, offset: 1, key: 'a', value: null, timestamp: 6 },
  ])
  expect(topic.read()).toContainEqual(expect.objectContaining({ partition: 2, key: null, value: 'y', timestamp: 7 }))
})

test('a topic that nobody made is refused by name', () => {
  const topic = new MemoryKafka().topic('words', texts)
  expect(() => topic.write('a', 'x')).toThrow('topic words does not exist: create it first')
  expect(() => topic.read()).toThrow('topic words does not exist: create it first')
})

test('a condition that never becomes true is reported with its text', async () => {
  const kafka = new MemoryKafka()
  await expect(kafka.until(() => false, 20)).rejects.toMatchObject({ code: 'TEST_TIMEOUT' })
})

test('a writer puts windowed keys where their inner key belongs, as an application does', async () => {
  const kafka = new MemoryKafka({ topics: { windows: 7 } })
  const driver = openKafka(kafka.connection)
  const serdes = { key: sessionWindowed(string()), value: string() }
  const writer = await openTopicWriter(driver, 'windows', serdes)
  await writer.write({ key: 'a', window: { startMs: 1, endMs: 2 } }, 'x', { timestamp: 3 })
  await writer.close()
  await driver.close()
  const [record] = kafka.topic('windows', serdes).read()
  expect(record).toMatchObject({ partition: partitionOfKey(Buffer.from('a'), 7), timestamp: 3, value: 'x' })
})

test('a writer of a topic that does not exist is refused', async () => {
  const driver = openKafka(new MemoryKafka().connection)
  await expect(openTopicWriter(driver, 'nobody', { ...texts, timeoutMs: 50 })).rejects.toMatchObject({
    code: 'UNKNOWN_TOPIC',
  })
  await driver.close()
})
