import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { systemClock } from '../../../src/core/clock.ts'
import { MemoryCluster } from '../../../src/kafka/memory/cluster.ts'
import { long, startStreams, StreamsBuilder, string } from '../../../src/index.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { requireServer } from '../../support/require-server.ts'
import { SmallDisk } from '../../support/small-disk.ts'
import { until } from '../../support/until.ts'

requireServer('small disk').describe('a start with a full disk', () => {
  let disk: SmallDisk
  beforeEach(() => {
    disk = SmallDisk.mount()
  })
  afterEach(() => disk.unmount())

  test('waits until there is space, and says so', async () => {
    const cluster = new MemoryCluster({ clock: systemClock })
    cluster.createTopic({ name: 'in', partitions: 1, replicationFactor: 1, configs: {} })
    const builder = new StreamsBuilder()
    const texts = { key: string(), value: string() }
    builder.stream('in', texts).groupByKey().count({ store: 'counts' }).toStream().to('in', { value: long() })
    const logger = new RecordingLogger()
    disk.fill()
    const starting = startStreams(
      {
        applicationId: 'full',
        kafka: { driver: 'memory', cluster },
        stateDirectory: join(disk.folder, 'state'),
        logger,
      },
      builder.build(),
    )
    try {
      const lines = () => logger.at('warn').filter(({ message }) => message.startsWith('the state directory'))
      await until(() => lines().length > 0, 10_000, 'it says what it waits for')
      expect(lines()[0]?.fields).toMatchObject({ code: 'STATE_DIRECTORY_UNUSABLE' })
    } finally {
      disk.clear()
    }
    const streams = await starting
    await streams.application.waitFor('RUNNING', 10_000)
    await streams.close()
  })
})
