import { createHash, randomBytes } from 'node:crypto'
import { Command } from 'commander'

/** A key of 256 random bits, and the digest that the configuration keeps of it. */
export function newApiKey(): { readonly key: string; readonly sha256: string } {
  const key = `odd_${randomBytes(32).toString('base64url')}`
  return { key, sha256: createHash('sha256').update(key).digest('hex') }
}

export function apiKeyCommand(): Command {
  return new Command('api-key')
    .description('make a key for the API: the key for the client, its digest for the configuration')
    .option('--json', 'print it as one JSON object')
    .action((flags: { json?: boolean }) => {
      const { key, sha256 } = newApiKey()
      process.stdout.write(
        flags.json
          ? `${JSON.stringify({ key, sha256 })}\n`
          : `Key (give it to the client; it is shown only now):\n  ${key}\n\n` +
              `Digest (for the server):\n  API_KEY_SHA256=${sha256}\n`,
      )
    })
}
