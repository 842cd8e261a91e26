import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { answering } from './answering.ts'
import { freePort } from './free-port.ts'

/** The OpenTelemetry Collector's Splunk HEC receiver, built from its Go modules; it writes what it received to a file. */
export interface OtelCollector {
  readonly url: string
  /** Ids of findings in the order of their arrival, with repetitions. */
  received(): string[]
  stop(): void
}

/** Builds it the first time (some minutes) and starts it, or says why it cannot be. */
export async function otelCollector(): Promise<OtelCollector | { readonly missing: string }> {
  try {
    return await start(built())
  } catch (error) {
    return {
      missing: `the OpenTelemetry Collector cannot be built or started: ${(error as Error).message.slice(0, 300)}`,
    }
  }
}

function built(): string {
  const dir = join(homedir(), '.cache/oddline-bench/hec-to-file')
  const binary = join(dir, 'hec-to-file')
  if (existsSync(binary)) return binary
  process.stderr.write('Building the OpenTelemetry Collector; this takes some minutes the first time...\n')
  mkdirSync(dir, { recursive: true })
  cpSync(join(process.cwd(), 'test/support/servers/hec-to-file'), dir, { recursive: true })
  const env = { ...process.env, GOFLAGS: '-mod=mod' }
  execFileSync('go', ['build', '-o', binary, '.'], { cwd: dir, env, stdio: ['ignore', 'ignore', 'pipe'] })
  return binary
}

async function start(binary: string): Promise<OtelCollector> {
  const dir = mkdtempSync(join(tmpdir(), 'oddline-otel-'))
  const output = join(dir, 'received.json')
  const port = await freePort()
  const config = {
    receivers: { splunk_hec: { endpoint: `127.0.0.1:${port}` } },
    exporters: { file: { path: output } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { logs: { receivers: ['splunk_hec'], exporters: ['file'] } },
    },
  }
  writeFileSync(join(dir, 'config.yaml'), JSON.stringify(config))
  const child = spawn(binary, ['--config', join(dir, 'config.yaml')], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  await answering(child, `${url}/services/collector/health`)
  return {
    url,
    received: () => (existsSync(output) ? idsOf(readFileSync(output, 'utf8')) : []),
    stop() {
      child.kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

interface KeyValue {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly kvlistValue?: { readonly values: readonly KeyValue[] } }
}
interface Exported {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly { readonly body: KeyValue['value'] }[] }[]
  }[]
}

function idsOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.flatMap((line) =>
    (JSON.parse(line) as Exported).resourceLogs.flatMap(({ scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) =>
        logRecords.map(({ body }) => child(child(body, 'event'), 'id')?.stringValue ?? ''),
      ),
    ),
  )
}

function child(value: KeyValue['value'] | undefined, key: string): KeyValue['value'] | undefined {
  return value?.kvlistValue?.values.find((entry) => entry.key === key)?.value
}
