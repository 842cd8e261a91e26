import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A Python that has these packages, in a virtual environment of the benchmarks' own that is made on the first run;
 * undefined, with a word on why, where it cannot be made.
 */
export function pythonWith(packages: readonly string[]): string | undefined {
  const home = process.env.ODDLINE_BENCH_VENV ?? join(tmpdir(), 'oddline-bench-venv')
  const python = join(home, 'bin', 'python')
  if (run(python, ['--version']) !== 0 && run('python3', ['-m', 'venv', home]) !== 0) {
    console.error('Peers are left out: python3 with venv is not here.')
    return undefined
  }
  const missing = packages.filter((name) => run(python, ['-m', 'pip', 'show', '-q', name]) !== 0)
  if (missing.length > 0 && run(python, ['-m', 'pip', 'install', '-q', ...missing]) !== 0) {
    console.error(`Peers are left out: pip cannot install ${missing.join(', ')}.`)
    return undefined
  }
  return python
}

function run(command: string, args: readonly string[]): number | null {
  return spawnSync(command, args, { stdio: 'ignore' }).status
}
