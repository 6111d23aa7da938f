import type { StepKind } from '../step.ts'
import { cidr } from './cidr.ts'
import { csv } from './csv.ts'
import { date } from './date.ts'
import { dissect } from './dissect.ts'
import { drop } from './drop.ts'
import { cef, leef, xml } from './event-formats.ts'
import { fingerprint } from './fingerprint.ts'
import { geoip } from './geoip.ts'
import { grok } from './grok.ts'
import { json } from './json.ts'
import { kv } from './kv.ts'
import { access, cri, preset, syslog } from './line-formats.ts'
import { mutate } from './mutate.ts'
import { docker, journald, windowsEvent } from './record-formats.ts'
import { route } from './route.ts'
import { sample } from './sample.ts'
import { throttle } from './throttle.ts'
import { translate } from './translate.ts'
import { truncate } from './truncate.ts'
import { useragent } from './useragent.ts'

/** Every kind of step by its name in a pipeline file. */
export const stepKinds = Object.freeze({
  access,
  cef,
  cidr,
  cri,
  csv,
  date,
  dissect,
  docker,
  drop,
  fingerprint,
  geoip,
  grok,
  journald,
  json,
  kv,
  leef,
  mutate,
  preset,
  route,
  sample,
  syslog,
  throttle,
  translate,
  truncate,
  useragent,
  'windows-event': windowsEvent,
  xml,
})

export type StepName = keyof typeof stepKinds

/** The options of a kind of step. */
export type OptionsOf<Name extends StepName> =
  (typeof stepKinds)[Name] extends StepKind<infer Options> ? Options : never
