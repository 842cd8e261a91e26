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
  allowed_roots: z
    .array(z.string().min(1))
    .default([])
    .meta({
      description: 'Directories with files that clients may analyse by path, in addition to `logs.dir`.',
      examples: [['/srv/archive/logs']],
    }),
  trust_proxy: z
    .boolean()
    .default(false)
    .meta({
      env: 'API_TRUST_PROXY',
      description:
        'Whether to take the client address from X-Forwarded-For, if the request comes from this host or a private ' +
        'network. Set true behind a reverse proxy.',
    }),
})
