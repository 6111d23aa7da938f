import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import kafkajs from 'kafkajs'
import { installKafka } from '../../../scripts/kafka/install.mjs'
import { guardFolder } from '../../../scripts/lab/guard.mjs'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { type Admin, type KafkaDriver, openKafka, openTopicWriter, string } from '../../../src/index.ts'
import { defineWorker, runWorker } from '../../../src/worker/index.ts'
import { commandLine } from '../../support/command-line.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-cluster.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import guarded, { guardedDefinition } from '../../unit/cli/modules/guarded.ts'
import guardedStreams from '../../unit/cli/modules/guarded-streams.ts'

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes, logLevel } = kafkajs
const user = { username: 'alice', password: 'wonderland-secret' }
const inputs = ['views', 'pages']

const operations = [
  ['Read', 'group', 'guarded'],
  ['Create', 'topic', 'views'],
  ['Read', 'topic', 'views'],
  ['Create', 'topic', 'pages'],
  ['Read', 'topic', 'pages'],
  ['Create', 'topic', 'titles'],
  ['Write', 'topic', 'titles'],
  ['Create', 'topic', 'failed'],
  ['Write', 'topic', 'failed'],
  ['Create', 'topic', 'guarded-by-page-repartition'],
  ['Delete', 'topic', 'guarded-by-page-repartition'],
  ['DescribeConfigs', 'topic', 'guarded-by-page-repartition'],
  ['Read', 'topic', 'guarded-by-page-repartition'],
  ['Write', 'topic', 'guarded-by-page-repartition'],
  ['Create', 'topic', 'guarded-counts-changelog'],
  ['DescribeConfigs', 'topic', 'guarded-counts-changelog'],
  ['Read', 'topic', 'guarded-counts-changelog'],
  ['Write', 'topic', 'guarded-counts-changelog'],
] as const

/** Brokers keep the configs of a group that is deleted: this one has to change them. */
const withOtherTimes = defineWorker({
  ...guardedDefinition,
  options: () => ({ ...guardedDefinition.options(), groupProtocol: 'streams' as const, heartbeatIntervalMs: 2000 }),
})

interface Acl {
  readonly resource: 'group' | 'topic'
  readonly name: string
  readonly operations: readonly ('AlterConfigs' | 'Create' | 'Delete' | 'DescribeConfigs' | 'Read' | 'Write')[]
}
const operationIds = {
  AlterConfigs: AclOperationTypes.ALTER_CONFIGS,
  Create: AclOperationTypes.CREATE,
  Delete: AclOperationTypes.DELETE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
}

/** A folder with Kafka's own `kafka-acls`, which a package of Kafka has as a script too. */
async function kafkaAcls(): Promise<string> {
  const { java, classPath } = await installKafka()
  const programs = mkdtempSync(join(tmpdir(), 'millrace-kafka-acls-'))
  guardFolder(programs)
  const script = `#!/bin/sh\nexec '${java}' -XX:TieredStopAtLevel=1 -cp '${classPath}' org.apache.kafka.tools.AclCommand "$@"\n`
  writeFileSync(join(programs, 'kafka-acls'), script, { mode: 0o755 })
  return programs
}

async function neededAcls(module = 'guarded'): Promise<readonly Acl[]> {
  const millrace = commandLine({ environment: { DEAD_LETTER_TOPIC: 'failed' } })
  const { out } = await millrace.run('acl', `test/unit/cli/modules/${module}.ts`, '--json')
  return (JSON.parse(out) as { acls: Acl[] }).acls
}

requireServer('kafka').describe('an application with the ACLs of millrace acl, on a broker with an authorizer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-acl-'))
  let kafka: KafkaCluster
  let guardedAddress: string
  let openAddress: string
  let driver: KafkaDriver
  let admin: Admin
  let acls: kafkajs.Admin

  beforeAll(async () => {
    const [open = 0, controller = 0, sasl = 0] = await freePorts(3)
    kafka = await startKafka({
      extra: {
        listeners: `PLAINTEXT://127.0.0.1:${open},CONTROLLER://127.0.0.1:${controller},SASL://127.0.0.1:${sasl}`,
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${open},SASL://127.0.0.1:${sasl}`,
        'controller.quorum.voters': `1@127.0.0.1:${controller}`,
        'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT',
        'listener.name.sasl.sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.sasl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="${user.password}";`,
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
    })
    guardedAddress = `127.0.0.1:${sasl}`
    openAddress = `127.0.0.1:${open}`
    driver = openKafka({ bootstrap: openAddress })
    admin = driver.admin()
    acls = new kafkajs.Kafka({ brokers: [openAddress], logLevel: logLevel.NOTHING }).admin()
    await acls.connect()
  })
  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true })
    await acls.deleteAcls({
      filters: [
        {
          resourceType: AclResourceTypes.ANY,
          resourcePatternType: ResourcePatternTypes.ANY,
          operation: AclOperationTypes.ANY,
          permissionType: AclPermissionTypes.ANY,
        },
      ],
    })
    await until(async () => {
      await admin.deleteGroups(['guarded']).catch(() => {})
      return !(await admin.listGroups()).includes('guarded')
    })
    await admin.deleteTopics(await admin.listTopics())
    await until(async () => (await admin.listTopics()).length === 0)
  })
  afterAll(async () => {
    await acls?.disconnect()
    await driver?.close()
    await kafka?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  async function grant(wanted: readonly Acl[]): Promise<void> {
    await acls.createAcls({
      acl: wanted.flatMap(({ resource, name, operations }) =>
        operations.map((operation) => ({
          principal: 'User:alice',
          host: '*',
          resourceType: resource === 'group' ? AclResourceTypes.GROUP : AclResourceTypes.TOPIC,
          resourceName: name,
          resourcePatternType: ResourcePatternTypes.LITERAL,
          operation: operationIds[operation],
          permissionType: AclPermissionTypes.ALLOW,
        })),
      ),
    })
  }

  async function write(topic: string, key: string, value: string): Promise<void> {
    const writer = await openTopicWriter(driver, topic, { key: string(), value: string(), timeoutMs: 10_000 })
    await writer.write(key, value)
    await writer.close()
  }

  async function at(topic: string, place: 'earliest' | 'latest'): Promise<number> {
    const [found] = await admin.listOffsets([{ topic, partition: 0, at: place }], 'read_committed')
    return found?.offset ?? 0
  }

  /** Starts it and waits until all that it does was done, or until something was refused; the refusal. */
  async function ranOnce(titles: number, createTopics: boolean, worker = guarded): Promise<string | undefined> {
    const logger = new RecordingLogger()
    let stop: (reason: string) => void = () => {}
    const stopped = new Promise<string>((resolve) => {
      stop = resolve
    })
    const code = runWorker(worker, {
      stop: stopped,
      environment: {
        KAFKA_BOOTSTRAP_SERVERS: guardedAddress,
        KAFKA_SASL_MECHANISM: 'PLAIN',
        KAFKA_SASL_USERNAME: user.username,
        KAFKA_SASL_PASSWORD: user.password,
        KAFKA_OFFSET_RESET: 'earliest',
        COMMIT_INTERVAL_MS: '50',
        DEAD_LETTER_TOPIC: 'failed',
        STATE_DIRECTORY: folder,
        OPS_PORT: '0',
        KAFKA_CREATE_TOPICS: String(createTopics),
      },
      logger,
    })
    let ended: number | undefined
    void code.then((value) => {
      ended = value
    })
    const refusal = () => logger.lines.find(({ fields }) => /AUTHORIZATION/.test(JSON.stringify(fields)))
    const isDone = async () =>
      (await at('titles', 'latest')) >= titles &&
      (await at('failed', 'latest')) >= titles &&
      (await at('guarded-by-page-repartition', 'earliest')) >= titles
    await until(
      async () => ended !== undefined || refusal() !== undefined || (await isDone().catch(() => false)),
      40_000,
    )
    stop('the test is over')
    const exitCode = await code
    const line = refusal()
    return line === undefined ? (exitCode === 0 ? undefined : `exit code ${exitCode}`) : JSON.stringify(line.fields)
  }

  /**
   * Runs it twice: topics are created by the first start, and compared by the second, which has no local state and
   * restores it. `createTopics`: those of the definition too, where a right to create is what is looked at.
   */
  async function outcome(
    granted: readonly Acl[],
    createTopics: boolean,
    worker = guarded,
  ): Promise<string | undefined> {
    await grant(granted)
    return ranTwice(createTopics, worker)
  }

  async function ranTwice(createTopics: boolean, worker = guarded): Promise<string | undefined> {
    await admin.createTopics(
      (createTopics ? inputs : [...inputs, 'titles', 'failed']).map((name) => ({
        name,
        partitions: 1,
        replicationFactor: 1,
        configs: {},
      })),
      10_000,
    )
    await write('pages', '/', 'Start')
    for (const run of [1, 2]) {
      await write('views', 'ann', '{"page":"/"}')
      await write('views', 'ann', 'no JSON')
      const refusal = await ranOnce(run, createTopics, worker)
      if (refusal !== undefined) return refusal
      rmSync(folder, { recursive: true, force: true })
    }
    return undefined
  }

  test('runs with exactly these', async () => {
    expect(await outcome(await neededAcls(), true)).toBeUndefined()
  }, 120_000)

  test('runs with what kafka-acls of Kafka grants when it is given the commands', async () => {
    const millrace = commandLine({ environment: { DEAD_LETTER_TOPIC: 'failed' } })
    const options = ['--commands', '--principal', 'User:alice', '--bootstrap', openAddress]
    const { out } = await millrace.run('acl', 'test/unit/cli/modules/guarded.ts', ...options)
    await promisify(execFile)('sh', ['-ec', out], { env: { PATH: `${await kafkaAcls()}:${process.env.PATH ?? ''}` } })
    expect(await ranTwice(true)).toBeUndefined()
  }, 180_000)

  test.each(operations)(
    'fails without %s on %s %s',
    async (operation, resource, name) => {
      const others = (await neededAcls()).map((acl) =>
        acl.resource === resource && acl.name === name
          ? { ...acl, operations: acl.operations.filter((each) => each !== operation) }
          : acl,
      )
      expect(await outcome(others, operation === 'Create')).toBeDefined()
    },
    120_000,
  )

  test('runs in the streams protocol with exactly its own', async () => {
    expect(await outcome(await neededAcls('guarded-streams'), true, guardedStreams)).toBeUndefined()
  }, 120_000)

  test.each(['AlterConfigs', 'Read'] as const)(
    'is refused something in the streams protocol without %s on its group',
    async (operation) => {
      const needed = await neededAcls('guarded-streams')
      expect(needed.find(({ resource }) => resource === 'group')?.operations).toEqual(['AlterConfigs', 'Read'])
      const others = needed.map((acl) =>
        acl.resource === 'group' ? { ...acl, operations: acl.operations.filter((each) => each !== operation) } : acl,
      )
      expect(await outcome(others, false, withOtherTimes)).toBeDefined()
    },
    120_000,
  )

  test('these are all of them', async () => {
    const all = (await neededAcls()).flatMap((acl) => acl.operations.map((each) => [each, acl.resource, acl.name]))
    expect(all).toHaveLength(operations.length)
    expect(all).toEqual(expect.arrayContaining([...operations]))
  })
})
