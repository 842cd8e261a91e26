import { z } from 'zod'
import { httpKeys, httpUrl, secret } from '#sink'

export const SplunkHecConfig = z.strictObject({
  url: httpUrl().describe('Base URL of the collector, for example https://splunk.example:8088.'),
  token: secret().describe('HEC token.'),
  index: z.string().min(1).optional().describe('Index of the events. Default: that of the token.'),
  sourcetype: z
    .string()
    .min(1)
    .default('oddline:finding')
    .describe('Sourcetype of the events. The dashboard searches for the default.'),
  host: z
    .string()
    .min(1)
    .optional()
    .describe('Value of host. Default: the host in the log line, else the name of this machine.'),
  acknowledge: z
    .boolean()
    .default(true)
    .describe(
      'Whether a batch counts as delivered only when it is indexed. It needs a token with indexer acknowledgement.',
    ),
  ack_timeout_ms: z
    .number()
    .int()
    .min(100)
    .default(20_000)
    .describe('Wait for the acknowledgement in ms; then the batch is sent again. Keep it below timeout.'),
  gzip: z.boolean().default(true).describe('Whether requests are compressed.'),
  ...httpKeys,
  allow_private: z
    .boolean()
    .default(true)
    .describe('Whether the sink may connect to private addresses. Collectors usually have one.'),
})
export type SplunkHecConfig = z.infer<typeof SplunkHecConfig>
