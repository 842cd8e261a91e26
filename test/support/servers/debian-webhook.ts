import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answering } from './answering.ts'
import { debian } from './debian.ts'
import { freePort } from './free-port.ts'

/** The Debian program `webhook`: verifies an HMAC of the body and then runs a command, here one that notes the id. */
export interface DebianWebhook {
  readonly url: string
  /** Ids in the order of their arrival, with repetitions. */
  received(): string[]
  stop(): void
}

export async function debianWebhook(secret: string, install: boolean): Promise<DebianWebhook | undefined> {
  if (install ? !debian('webhook') : !existsSync('/usr/bin/webhook')) return undefined
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'oddline-webhook-'))
  const log = join(dir, 'received')
  const command = join(dir, 'note.sh')
  writeFileSync(command, `#!/bin/sh\necho "$1" >> ${log}\n`)
  chmodSync(command, 0o755)
  const signed = {
    match: {
      type: 'payload-hmac-sha256',
      secret,
      parameter: { source: 'header', name: 'X-Signature-256' },
    },
  }
  const hook = {
    id: 'findings',
    'execute-command': command,
    'include-command-output-in-response': true,
    'pass-arguments-to-command': [{ source: 'payload', name: 'data.event.id' }],
    'trigger-rule': signed,
    'trigger-rule-mismatch-http-response-code': 401,
  }
  writeFileSync(join(dir, 'hooks.json'), JSON.stringify([hook]))
  const child = spawn('webhook', ['-hooks', join(dir, 'hooks.json'), '-ip', '127.0.0.1', '-port', String(port)], {
    stdio: 'ignore',
  })
  const base = `http://127.0.0.1:${port}`
  await answering(child, base, { accepts: () => true })
  return {
    url: `${base}/hooks/findings`,
    received: () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').filter(Boolean) : []),
    stop() {
      child.kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
