import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { ordinaryLines, SQLI } from '../support/access-lines.ts'
import { oddline, start } from '../support/cli.ts'
import { httpReceiver } from '../support/servers/http-receiver.ts'
import { workplace } from '../support/workplace.ts'

const SECRETS = {
  path: 'T0/B0/slackPathNeverToBeSeen',
  token: 'hecTokenNeverToBeSeen',
  apiKey: 'apiKeyNeverToBeSeen',
  signing: 'whsec_c2lnbmluZy1zZWNyZXQtbmV2ZXItdG8tYmUtc2Vlbg==',
  bearer: 'bearerNeverToBeSeen',
}

/** Every form in which one of them may show. */
const FORMS = Object.values(SECRETS).flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64'),
  Buffer.from(`:${secret}`).toString('base64'),
])

function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
}

test('no secret shows in any output, log, metric, report or state, though receivers quote our requests', async () => {
  const status: Record<string, number> = { services: 500, hec: 403, es: 401, hook: 422 }
  const receiver = await httpReceiver(({ path, headers, body }) => ({
    status: status[path.split('/')[1]] ?? 400,
    headers: { 'retry-after': '3600' },
    body: JSON.stringify({ said: `${path} ${JSON.stringify(headers)} ${body.slice(0, 200)}` }),
  }))
  onTestFinished(() => receiver.close())
  const dir = workplace({ 'access.log': `${ordinaryLines(100)}${SQLI}\n` })
  writeFileSync(
    join(dir, 'oddline.yaml'),
    `sinks:
  slack: { type: slack, url: "${receiver.url}/services/${SECRETS.path}", allow_private: true, group_wait: 0s }
  splunk: { type: splunk_hec, url: "${receiver.url}/hec", token: ${SECRETS.token} }
  elastic: { type: elasticsearch, url: "${receiver.url}/es", api_key: ${SECRETS.apiKey} }
  hook:
    type: webhook
    url: "${receiver.url}/hook"
    secret: ${SECRETS.signing}
    authorization: Bearer ${SECRETS.bearer}
    allow_private: true
  kept: { type: file, path: kept.jsonl }
`,
  )
  const said: string[] = []
  const say = async (command: string) => {
    const { stdout, stderr } = await oddline(dir, ...command.split(' '))
    said.push(`${command}: ${stdout}${stderr}`)
  }
  await say('run --once --log-level debug')
  const sinks = ['sinks list', 'sinks check', 'sinks test', 'sinks setup']
  const letters = ['dead-letters list', 'dead-letters list --json', 'dead-letters show 1']
  const others = ['check-config', 'incidents list', 'status', 'report --since 36500d']
  await Promise.all([...sinks, ...letters, ...others].map(say))
  expect(said.join('\n')).toMatch(/dead-letters list: [\s\S]*hook/)
  expect(new Set(receiver.requests.map(({ path }) => path.split('/')[1]))).toEqual(new Set(Object.keys(status)))

  const { child } = start(dir, ['serve', '--log-level', 'debug'], { API_PORT: '0' })
  for await (const line of createInterface({ input: child.stderr! })) {
    said.push(line)
    const url = /"url":"(http:[^"]+)"/.exec(line)?.[1]
    if (url === undefined) continue
    for (const path of ['/metrics', '/sinks', '/dead-letters', '/dead-letters/1', '/status', '/incidents']) {
      said.push(`${path}: ${await (await fetch(url + path)).text()}`)
    }
    break
  }
  expect(said.join('\n')).toContain('oddline_dead_letters{sink="hook"')

  const written = filesIn(dir).filter((path) => !path.endsWith('oddline.yaml'))
  expect(written.some((path) => path.endsWith('oddline.db'))).toBe(true)
  const everything = [...said, ...written.map((path) => `${path}: ${readFileSync(path, 'latin1')}`)]
  for (const text of everything) {
    for (const form of FORMS) expect(text.includes(form), `${form} shows in ${text.slice(0, 300)}`).toBe(false)
  }
})
