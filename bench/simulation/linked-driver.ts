import { MillraceError } from '../../src/core/errors.ts'
import type { Admin, Consumer, KafkaDriver, Producer, TransactionalProducer } from '../../src/kafka/port.ts'
import type { Link } from './link.ts'

/** A driver whose requests go through the link of its process. */
export function linkedDriver(driver: KafkaDriver, link: Link): KafkaDriver {
  return {
    consumer: (options) => linkedConsumer(driver.consumer(options), options.clientId, link),
    producer: (options) => {
      const producer = driver.producer(options)
      return changed<Producer>(producer, producerCalls(producer, options.clientId, link))
    },
    transactionalProducer: (options) =>
      linkedTransactions(driver.transactionalProducer(options), options.clientId, link),
    admin: () => linkedAdmin(driver.admin(), link),
    groupProtocol: (request) => driver.groupProtocol(request),
    groupMember: (options) => driver.groupMember(options),
    health: () => driver.health(),
    close: () => driver.close(),
  }
}

function linkedConsumer(consumer: Consumer, clientId: string, link: Link): Consumer {
  return changed(consumer, {
    async poll(maxWaitMs) {
      await link.pass()
      if (link.isCut) {
        await link.clock.sleep(Math.max(1, maxWaitMs))
        return []
      }
      const batches = await consumer.poll(maxWaitMs)
      await link.pass()
      return batches
    },
    committed: (...asked) => link.request(`${clientId} committed`, () => consumer.committed(...asked)),
    commit: (...commit) =>
      link.riskyRequest(
        `${clientId} commit`,
        () => consumer.commit(...commit),
        () => noAnswer('commit'),
      ),
  })
}

type ProducerCalls = Pick<Producer, 'send' | 'flush' | 'prepareTopics'>

function producerCalls(producer: Producer, clientId: string, link: Link): ProducerCalls {
  return {
    send: (...record) => {
      link.countSend(`${record[0]}-${record[1]}`)
      producer.send(...record)
    },
    flush: (timeoutMs) => link.request(`${clientId} flush`, () => producer.flush(timeoutMs)),
    prepareTopics: (...asked) => link.request(`${clientId} prepareTopics`, () => producer.prepareTopics(...asked)),
  }
}

/** After an unknown outcome nothing but `initialize` is of use. */
function linkedTransactions(producer: TransactionalProducer, clientId: string, link: Link): TransactionalProducer {
  let unusable: MillraceError | undefined
  const calls = producerCalls(producer, clientId, link)
  const refuse = () => {
    if (unusable !== undefined) throw unusable
  }
  const lost = (call: string) => () => (unusable = unknownOutcome(call))
  return changed(producer, {
    ...calls,
    send: (...record) => {
      refuse()
      calls.send(...record)
    },
    flush: async (timeoutMs) => {
      refuse()
      await calls.flush(timeoutMs)
    },
    get isInTransaction() {
      return unusable === undefined && producer.isInTransaction
    },
    initialize: (timeoutMs) =>
      link.riskyRequest(
        `${clientId} initialize`,
        async () => {
          await producer.initialize(timeoutMs)
          unusable = undefined
        },
        () => noAnswer('initialize'),
      ),
    commit: async (...commit) => {
      refuse()
      link.countEnd()
      await link.riskyRequest(`${clientId} commit`, () => producer.commit(...commit), lost('commit'))
    },
    abort: async (timeoutMs) => {
      if (unusable !== undefined || !producer.isInTransaction) return
      await link.riskyRequest(`${clientId} abort`, () => producer.abort(timeoutMs), lost('abort'))
    },
  })
}

function linkedAdmin(admin: Admin, link: Link): Admin {
  return new Proxy(admin, {
    get(target, name) {
      const call: unknown = Reflect.get(target, name, target)
      if (typeof call !== 'function') return call
      return (...args: unknown[]) =>
        link.request(`admin ${String(name)}`, async () => (await call.apply(target, args)) as unknown)
    },
  })
}

/** With other calls in the place of its own. */
function changed<T extends object>(part: T, calls: Partial<T>): T {
  return new Proxy(part, {
    get(target, name) {
      const member: unknown = Reflect.get(name in calls ? calls : target, name)
      return typeof member === 'function' && !(name in calls) ? (member.bind(target) as unknown) : member
    },
  })
}

function noAnswer(call: string): MillraceError {
  return new MillraceError('REQUEST_TIMED_OUT', 'retriable', `the answer to ${call} did not come in time`)
}

function unknownOutcome(call: string): MillraceError {
  return new MillraceError(
    'TRANSACTION_OUTCOME_UNKNOWN',
    'task-migrated',
    `the answer to the ${call} of a transaction did not come in time: initialize the producer, which decides it`,
  )
}
