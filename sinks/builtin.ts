import type { SinkDefinition } from '#sink'
import { sink as elasticsearch } from './elasticsearch/sink.ts'
import { sink as file } from './file/sink.ts'
import { sink as slack } from './slack/sink.ts'
import { sink as splunkHec } from './splunk-hec/sink.ts'
import { sink as webhook } from './webhook/sink.ts'

/** The built-in sinks. */
export const BUILTIN_SINKS: readonly SinkDefinition[] = [slack, splunkHec, elasticsearch, webhook, file]
