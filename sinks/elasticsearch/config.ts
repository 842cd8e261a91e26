import { z } from 'zod'
import { httpUrl, optionalSecret } from '#sink'

export const ElasticsearchConfig = z
  .strictObject({
    url: z
      .union([httpUrl(), z.array(httpUrl()).min(1)])
      .describe('URL of one node, or a list of several nodes of one cluster.'),
    flavour: z
      .enum(['elasticsearch', 'opensearch'])
      .default('elasticsearch')
      .describe('Product of the server. opensearch leaves out the product check and the versioned media types.'),
    data_stream: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,200}$/, 'a data stream is named in lower case letters, digits, ., _ and -')
      .default('logs-oddline.findings-default')
      .describe('Data stream that findings are written to.'),
    api_key: optionalSecret().describe('Encoded API key (base64 of id:key).'),
    username: z.string().min(1).optional().describe('User for basic authentication.'),
    password: optionalSecret().describe('Password of the user.'),
    ca_file: z
      .string()
      .min(1)
      .optional()
      .describe("PEM file of the certificate authority that signed the cluster's certificate."),
    retention: z
      .string()
      .regex(/^\d+[dhm]$/, 'must be a number and d, h or m, such as 90d')
      .default('90d')
      .describe('Age at which the cluster deletes findings; `oddline sinks setup` writes it to the lifecycle policy.'),
  })
  .superRefine((config, context) => {
    if ((config.username === undefined) !== (config.password === undefined)) {
      context.addIssue({ code: 'custom', path: ['password'], message: 'set username and password together' })
    }
    if (config.api_key !== undefined && config.username !== undefined) {
      context.addIssue({ code: 'custom', path: ['api_key'], message: 'set an API key or a user, not both' })
    }
  })
export type ElasticsearchConfig = z.infer<typeof ElasticsearchConfig>
