import { z } from 'zod'
import { httpUrl, optionalSecret } from '#sink'

export const ElasticsearchConfig = z
  .strictObject({
    url: z.union([httpUrl(), z.array(httpUrl()).min(1)]).describe('One node, or several of one cluster'),
    flavour: z
      .enum(['elasticsearch', 'opensearch'])
      .default('elasticsearch')
      .describe('opensearch: leave out the product check and the media types that only Elasticsearch knows'),
    data_stream: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,200}$/, 'a data stream is named in lower case letters, digits, ., _ and -')
      .default('logs-oddline.findings-default'),
    api_key: optionalSecret().describe('Encoded API key (id and key in base64)'),
    username: z.string().min(1).optional(),
    password: optionalSecret(),
    ca_file: z.string().min(1).optional().describe('PEM file of the authority that signed the cluster'),
    retention: z
      .string()
      .regex(/^\d+[dhm]$/, 'must be a number and d, h or m, such as 90d')
      .default('90d')
      .describe('Age at which `oddline sinks setup` lets findings be deleted'),
  })
  .superRefine((config, context) => {
    if ((config.username === undefined) !== (config.password === undefined)) {
      context.addIssue({ code: 'custom', path: ['password'], message: 'username and password go together' })
    }
    if (config.api_key !== undefined && config.username !== undefined) {
      context.addIssue({ code: 'custom', path: ['api_key'], message: 'give an API key or a user, not both' })
    }
  })
export type ElasticsearchConfig = z.infer<typeof ElasticsearchConfig>
