import { expect, test } from '@jest/globals'
import { SimulatedWorld } from '../../../../src/testing/simulator.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'
import { copying } from '../topology-fixture.ts'

const records = 5000

test('an application whose memory is always short processes everything', async () => {
  const world = new SimulatedWorld()
  world.createTopics({ in: 4, out: 1 })
  const logger = new RecordingLogger()
  // The process of this test has more than that already.
  const options = { memoryMegabytesMax: 64, bufferedRecordsPerPartition: 10 }
  const application = world.application(copying(), options, { logger })
  await world.finish(application.start())
  world.write(
    'in',
    Array.from({ length: records }, (_, index) => [`k${index}`, 'v', index] as const),
  )
  await world.until(() => application.status().totals.processed === records)
  expect(logger.at('warn').map(({ message }) => message)).toContainEqual(expect.stringContaining('memory is short'))
  await world.finish(application.close())
})
