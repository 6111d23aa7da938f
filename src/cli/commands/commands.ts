import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { addAcl } from './acl.ts'
import { addAlerts } from './alerts.ts'
import { addCompletion } from './completion.ts'
import { addDescribe } from './describe.ts'
import { addDetect } from './detect.ts'
import { addDiff } from './diff.ts'
import { addInit } from './init.ts'
import { addDlq } from './dlq.ts'
import { addPipeline } from './pipeline.ts'
import { addRun } from './run.ts'
import { addLag } from './lag.ts'
import { addReplay } from './replay.ts'
import { addLint } from './lint.ts'
import { addTest } from './test.ts'
import { addReset } from './reset.ts'
import { addTap } from './tap.ts'
import { addState } from './state.ts'
import { addSinks } from './sinks.ts'
import { addTasks } from './tasks.ts'
import { addTop } from './top.ts'
import { addTopics } from './topics.ts'

/** Every command, in the order of `millrace --help`. One file of this folder each. */
export const commands: readonly ((program: Command, cli: Cli) => void)[] = [
  addRun,
  addInit,
  addDescribe,
  addLint,
  addTest,
  addPipeline,
  addAlerts,
  addDetect,
  addTopics,
  addAcl,
  addSinks,
  addDiff,
  addLag,
  addTop,
  addTasks,
  addReset,
  addReplay,
  addTap,
  addState,
  addDlq,
  addCompletion,
]
