import { z } from 'zod'
import { httpKeys, httpUrl, secret } from '#sink'

export const SplunkHecConfig = z.strictObject({
  url: httpUrl().describe('Base of the collector, such as https://splunk.example:8088'),
  token: secret().describe('HEC token'),
  index: z.string().min(1).optional().describe("Index; the token's default if absent"),
  sourcetype: z.string().min(1).default('oddline:finding'),
  host: z.string().min(1).optional().describe('Value of host; that of the log line, else the name of this machine'),
  acknowledge: z
    .boolean()
    .default(true)
    .describe('Wait until the indexers acknowledge, where the token has acknowledgement enabled'),
  ack_timeout_ms: z.number().int().min(100).default(20_000).describe('Not acknowledged by then: sent again'),
  gzip: z.boolean().default(true),
  ...httpKeys,
  allow_private: z.boolean().default(true).describe('A collector is usually on the private network'),
})
export type SplunkHecConfig = z.infer<typeof SplunkHecConfig>
