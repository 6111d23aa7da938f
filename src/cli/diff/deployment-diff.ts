import { externalSources } from '../../kafka/group-topics.ts'
import { compileSettings } from '../../runtime/settings.ts'
import { stateDifferences } from '../../worker/cluster-state.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import { losesState, type StateDifference } from '../../worker/state-parts.ts'
import type { FormerState } from './former-state.ts'

/** An input topic before and after. */
export interface InputDifference {
  readonly topic: string
  readonly change: 'kept' | 'new' | 'dropped'
}

/** What a deployment of a topology would do to what is there. */
export interface DeploymentDiff {
  readonly applicationId: string
  /** The group or file that was compared. */
  readonly against: string
  readonly losesState: boolean
  /** Whether old and new members can share the group: one group runs one set of topics and stores. */
  readonly rolls: boolean
  readonly state: readonly StateDifference[]
  readonly inputs: readonly InputDifference[]
  /** What to do, in order; empty: deploy. */
  readonly plan: readonly string[]
}

/**
 * Compares a worker with what there is. `losesState` decides about exit code 1 of `millrace diff`, and the start of a
 * worker refuses the same losses. A first deployment, where everything is new, needs no plan.
 */
export function deploymentDiff(
  worker: PreparedWorker,
  module: string,
  against: string,
  former: FormerState,
): DeploymentDiff {
  const state = stateDifferences(worker, former.parts)
  const inputs = inputDifferences(former.inputs, inputsOf(worker))
  const isFirst = state.every(({ change }) => change === 'new') && inputs.every(({ change }) => change === 'new')
  const rolls =
    isFirst || (state.every(({ change }) => change === 'kept') && inputs.every(({ change }) => change === 'kept'))
  return {
    applicationId: worker.applicationId,
    against,
    losesState: state.some(losesState),
    rolls,
    state,
    inputs,
    plan: isFirst ? [] : migrationPlan(module, state, inputs, rolls),
  }
}

/** Topics by name; a pattern shows what it matches only when the group runs. */
function inputsOf({ topology, applicationId, engine }: PreparedWorker): readonly string[] {
  const subtopologies = topology.groupTopology(applicationId, compileSettings(engine, 'diff'))
  const internal = new Set(subtopologies.flatMap((each) => each.repartitionSourceTopics.map(({ name }) => name)))
  return [...new Set(subtopologies.flatMap(externalSources))].filter((topic) => !internal.has(topic)).sort()
}

function inputDifferences(former: readonly string[], today: readonly string[]): readonly InputDifference[] {
  return [...new Set([...former, ...today])].map((topic) => ({
    topic,
    change: !former.includes(topic) ? 'new' : today.includes(topic) ? 'kept' : 'dropped',
  }))
}

/** Steps in the order in which they are done, each a sentence with the command where there is one. */
function migrationPlan(
  module: string,
  state: readonly StateDifference[],
  inputs: readonly InputDifference[],
  rolls: boolean,
): readonly string[] {
  const of = (change: StateDifference['change']) => state.filter((part) => part.change === change)
  const named = (parts: readonly StateDifference[]) => parts.map(({ name }) => name).join(', ')
  const steps = state.flatMap(({ reason }) => (reason === undefined ? [] : [reason]))
  const [lost, incompatible] = [state.filter(losesState), of('incompatible')]
  if (lost.length > 0)
    steps.push(`or accept the loss: run the deployment once with --accept-loss (ALLOW_STATE_LOSS=true)`)
  if (incompatible.length > 0)
    steps.push(
      `or rebuild ${named(incompatible)} from the inputs, as far as they still hold them: stop the group, then millrace reset ${module} --execute`,
    )
  if (!rolls) steps.push('stop all members before the first new one starts: a group runs one topology')
  const empty = of('new').filter((part) => part.of === 'store')
  if (empty.length > 0)
    steps.push(`${named(empty)} starts empty at the committed offsets; millrace replay fills it with the past`)
  const leftovers = [...of('unused'), ...of('renamed'), ...of('lost')].map(({ topic }) => topic)
  if (leftovers.length > 0)
    steps.push(
      `after the deployment, delete what is left: millrace topics apply ${module} --delete ${leftovers.join(' ')}`,
    )
  const dropped = inputs.filter(({ change }) => change === 'dropped').map(({ topic }) => topic)
  if (dropped.length > 0) steps.push(`${dropped.join(', ')} is not read any more; its committed offsets expire`)
  return steps
}
