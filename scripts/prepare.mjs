// @ts-check
import { prepare } from './setup.mjs'

prepare()
