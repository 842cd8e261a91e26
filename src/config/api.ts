import { isIP } from 'node:net'
import { z } from 'zod'

const ApiKey = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/i, 'must be letters, digits, - and _')
    .describe('Name of the key, shown in the log.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits; `oddline api-key` prints them')
    .describe('SHA-256 of the key, in hexadecimal digits.'),
  scopes: z
    .array(z.enum(['read', 'analyse', 'admin']))
    .min(1)
    .describe('What the key allows: read, analyse, admin.'),
})

export const ApiConfig = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .meta({
      env: 'API_HOST',
      description:
        'Address that the API listens on. Any address other than loopback needs a key. ' +
        'Set 0.0.0.0 to listen on all interfaces.',
    }),
  port: z.number().int().min(0).max(65535).default(8000).meta({
    env: 'API_PORT',
    description: 'Port that the API listens on. 0 lets the operating system choose.',
  }),
  key_sha256: z
    .union([z.literal(''), ApiKey.shape.sha256])
    .default('')
    .meta({
      env: 'API_KEY_SHA256',
      description: 'SHA-256 of a key with all scopes. `oddline api-key` creates a key and prints both.',
    }),
  keys: z
    .array(ApiKey)
    .default([])
    .meta({
      description: 'Additional keys with limited scopes: read, analyse or admin.',
      examples: [[{ name: 'grafana', sha256: '0'.repeat(64), scopes: ['read'] }]],
    }),
  tls: z
    .strictObject({
      cert_file: z.string().default('').meta({
        env: 'API_TLS_CERT',
        description: 'PEM file of the certificate chain. Empty: the API uses HTTP.',
      }),
      key_file: z.string().default('').meta({
        env: 'API_TLS_KEY',
        description: 'PEM file of the private key.',
      }),
    })
    .prefault({})
    .refine(({ cert_file, key_file }) => (cert_file === '') === (key_file === ''), 'needs both cert_file and key_file')
    .describe('Certificate for HTTPS. Set it unless a reverse proxy terminates TLS.'),
  cors_origins: z
    .array(z.url({ protocol: /^https?$/ }))
    .default([])
    .meta({
      description: 'Origins of web pages that may call the API from a browser.',
      examples: [['https://soc.example.org']],
    }),
  rate_limit_per_minute: z.number().int().min(0).default(6000).meta({
    env: 'API_RATE_LIMIT_PER_MINUTE',
    description: 'Most requests per minute for each key and client address. 0: no limit.',
  }),
  max_body_bytes: z
    .number()
    .int()
    .min(1024)
    .max(268_435_456)
    .default(1_048_576)
    .describe('Largest JSON body of a request, in bytes.'),
  max_file_bytes: z
    .number()
    .int()
    .min(1024)
    .default(104_857_600)
    .describe(
      'Largest file to analyse, in bytes. It applies to uploads and to files read by path; gzip before and after decompression.',
    ),
  analysis_seconds: z
    .number()
    .min(1)
    .max(3600)
    .default(120)
    .meta({
      env: 'API_ANALYSIS_SECONDS',
      description:
        'Longest time that the analysis of a file or text may take, in seconds, with its wait for others. Then it ends and ' +
        'the client is told. A reverse proxy in front has to wait longer.',
    }),
  analyses_at_once: z
    .number()
    .int()
    .min(1)
    .max(16)
    .default(2)
    .describe('Files and texts that are analysed at the same time, each in a thread of its own. A few more may wait.'),
  allowed_roots: z
    .array(z.string().min(1))
    .default([])
    .meta({
      description: 'Directories with files that clients may analyse by path, in addition to `logs.dir`.',
      examples: [['/srv/archive/logs']],
    }),
  trust_proxy: z
    .array(
      z.string().refine(isNetwork, 'must be an IP address or a network such as 172.16.0.0/12'),
      'must be a list of the addresses or networks of your reverse proxies, such as [127.0.0.1]; [] trusts none',
    )
    .default([])
    .meta({
      env: 'API_TRUST_PROXY',
      description:
        'Addresses and networks of reverse proxies in front of the API. Of a request from one of them the client ' +
        'address is the rightmost in X-Forwarded-For that is not listed here. An API behind a proxy needs a key. In the ' +
        'environment, separate them by commas.',
      examples: [['127.0.0.1', '172.16.0.0/12']],
    }),
})

function isNetwork(text: string): boolean {
  const [address, bits, ...more] = text.split('/')
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return more.length === 0 && most > 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
}
