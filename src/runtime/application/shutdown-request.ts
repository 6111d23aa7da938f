import { errorCode, errorMessage, MillraceError } from '../../core/errors.ts'
import type { GroupMember } from '../../kafka/port.ts'
import { memberOptions } from '../thread/member-options.ts'
import type { ThreadEnvironment } from '../thread/thread-environment.ts'

const lookMs = 20
const tellsNothing = { taskLags: () => new Map<string, number>(), onRebalance: () => {} }

/**
 * Asks all processes of the application to end. A member joins the group for this alone: the thread that failed has left
 * it, or has died. Resolves when the group knows, or when it does not answer within `rebalanceTimeoutMs`, which is
 * logged; never rejects.
 */
export async function requestShutdown(environment: ThreadEnvironment, threadName: string): Promise<void> {
  const { driver, settings, logger } = environment
  let member: GroupMember | undefined
  const fields = () => ({ thread: threadName, memberId: member?.metadata().memberId })
  try {
    const options = { ...memberOptions(environment, threadName, tellsNothing), instanceId: undefined }
    member = driver.groupMember(options)
    member.requestShutdown()
    member.join(() => {})
    logger.error(fields(), 'asking all processes of the application to end')
    await refusal(member, environment)
    logger.error(fields(), 'all processes of the application were asked to end')
  } catch (error) {
    const what = 'other processes of the application could not be asked to end: they continue'
    logger.error({ ...fields(), code: errorCode(error), error: errorMessage(error) }, what)
  }
  await member?.leave(settings.commitTimeoutMs).catch(() => {})
}

/** Resolves when the group has answered the member as all others; tasks that it gets before that are not opened. */
async function refusal(member: GroupMember, { clock, settings }: ThreadEnvironment): Promise<void> {
  const endMs = clock.monotonicMs() + settings.rebalanceTimeoutMs
  while (clock.monotonicMs() < endMs) {
    const event = member.poll()
    if (event?.kind === 'failed') {
      if (errorCode(event.error) === 'GROUP_SHUTDOWN') return
      throw event.error
    }
    if (event !== undefined) member.acknowledge()
    await clock.sleep(lookMs)
  }
  const waitsFor = member.waitsFor ?? 'the next heartbeat'
  throw new MillraceError(
    'REQUEST_TIMED_OUT',
    'retriable',
    `the group does not answer, the member waits for ${waitsFor}`,
  )
}
