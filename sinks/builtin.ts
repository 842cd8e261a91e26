import type { SinkDefinition } from '#sink'
import { sink as file } from './file/sink.ts'
import { sink as webhook } from './webhook/sink.ts'

/** The sinks that come with the program. */
export const BUILTIN_SINKS: readonly SinkDefinition[] = [file, webhook]
