import type { StepKind } from '../step.ts'
import { cidr } from './cidr.ts'
import { date } from './date.ts'
import { drop } from './drop.ts'
import { fingerprint } from './fingerprint.ts'
import { geoip } from './geoip.ts'
import { mutate } from './mutate.ts'
import { route } from './route.ts'
import { sample } from './sample.ts'
import { throttle } from './throttle.ts'
import { translate } from './translate.ts'
import { truncate } from './truncate.ts'
import { useragent } from './useragent.ts'

/** Every kind of step by its name in a pipeline file. */
export const stepKinds = Object.freeze({
  cidr,
  date,
  drop,
  fingerprint,
  geoip,
  mutate,
  route,
  sample,
  throttle,
  translate,
  truncate,
  useragent,
})

export type StepName = keyof typeof stepKinds

/** The options of a kind of step. */
export type OptionsOf<Name extends StepName> =
  (typeof stepKinds)[Name] extends StepKind<infer Options> ? Options : never
