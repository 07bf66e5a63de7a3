import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { scannerWaivers } from '../../charts/scanner-waivers.ts';
import type { SandboxState } from '../../src/sandbox/index.ts';
import { ensureManifestScanners, type ScannerName } from '../../tools/manifest-scanners/build.ts';
import { checkovArguments, checkovEnvironment, findCheckov, readCheckov } from './checkov.ts';
import { writeKindSchemas } from './kind-schemas.ts';

const execFileAsync = promisify(execFile);

/** Checks of kube-score beyond its default that concern these manifests. */
const optionalChecks = [
  'container-ports-check',
  'container-resource-requests-equal-limits',
  'container-ephemeral-storage-request-equals-limit',
  'container-seccomp-profile',
];

const conformSchema = z.object({
  resources: z.array(
    z.object({ kind: z.string(), name: z.string(), status: z.string(), msg: z.string() }),
  ),
  summary: z.object({ valid: z.number() }),
});

const scoreSchema = z.array(
  z.object({
    object_name: z.string(),
    checks: z.array(
      z.object({
        check: z.object({ id: z.string() }),
        grade: z.number(),
        skipped: z.boolean(),
        comments: z.array(z.object({ summary: z.string() })).nullable(),
      }),
    ),
  }),
);

/** What a scanner says about one object. */
export interface Finding {
  readonly scanner: string;
  readonly object: string;
  readonly check: string;
  readonly summary: string;
}

/** Grade of kube-score for a check without a finding. */
const passed = 10;

/**
 * kubeconform with the schemas of one API server, kube-score with the waivers of the charts, and
 * checkov with its own where it is installed.
 */
export class ManifestJudges {
  readonly #programs: Readonly<Record<ScannerName, string>>;
  readonly #checkovPath: string | undefined;
  readonly #schemas: string;
  readonly #directory: string;
  readonly #used = new Set<number>();

  private constructor(programs: Readonly<Record<ScannerName, string>>, directory: string) {
    this.#programs = programs;
    this.#checkovPath = findCheckov(process.env);
    this.#directory = directory;
    this.#schemas = join(directory, 'schemas');
  }

  static async prepare(state: SandboxState, directory: string): Promise<ManifestJudges> {
    const judges = new ManifestJudges(await ensureManifestScanners(), directory);
    mkdirSync(judges.#schemas);
    await writeKindSchemas(state, judges.#schemas);
    return judges;
  }

  /** One line per finding that nothing waives. */
  async judge(objects: readonly object[]): Promise<string[]> {
    const findings = await this.find(objects);
    return findings.filter((finding) => !this.#waives(finding)).map(inWords);
  }

  /** Every finding, waived or not. */
  async find(objects: readonly object[]): Promise<Finding[]> {
    const file = join(mkdtempSync(join(this.#directory, 'judged-')), 'objects.yaml');
    // JSON is YAML too.
    writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
    const judged = await Promise.all([
      this.#conform(file, objects.length),
      this.#score(file),
      this.#checkov(file, objects.length),
    ]);
    return judged.flat();
  }

  /** Waivers for the scanners there are that no judged object needed. */
  unusedWaivers(): string[] {
    const judges = this.#checkovPath === undefined ? ['kube-score'] : ['kube-score', 'checkov'];
    return scannerWaivers
      .filter(({ scanner }, index) => judges.includes(scanner) && !this.#used.has(index))
      .map(({ check, finding }) => `${check} ${finding ?? ''}`);
  }

  async #conform(file: string, count: number): Promise<Finding[]> {
    const location = join(this.#schemas, '{{.ResourceKind}}-{{.ResourceAPIVersion}}.json');
    const args = ['-strict', '-summary', '-verbose', '-output', 'json'];
    const output = await run(this.#programs.kubeconform, [
      ...args,
      '-schema-location',
      location,
      file,
    ]);
    const { resources, summary } = conformSchema.parse(JSON.parse(output));
    const scanner = 'kubeconform';
    const findings = resources
      .filter(({ status }) => status !== 'statusValid')
      .map(({ kind, name, status, msg }) => {
        return { scanner, object: `${kind} ${name}`, check: status, summary: msg };
      });
    return findings.length > 0 ? findings : countFinding(scanner, file, [summary.valid, count]);
  }

  async #score(file: string): Promise<Finding[]> {
    const optional = optionalChecks.flatMap((check) => ['--enable-optional-test', check]);
    const output = await run(this.#programs['kube-score'], [
      'score',
      '--output-format',
      'json',
      ...optional,
      file,
    ]);
    return scoreSchema.parse(JSON.parse(output)).flatMap(({ object_name, checks }) =>
      checks
        .filter(({ grade, skipped }) => grade < passed && !skipped)
        .flatMap(({ check, comments }) =>
          (comments ?? [{ summary: '' }]).map(({ summary }) => {
            return { scanner: 'kube-score', object: object_name, check: check.id, summary };
          }),
        ),
    );
  }

  async #checkov(file: string, count: number): Promise<Finding[]> {
    if (this.#checkovPath === undefined) return [];
    const output = await run(this.#checkovPath, checkovArguments(file), checkovEnvironment);
    const { judged, failed } = readCheckov(output);
    const scanner = 'checkov';
    const findings = failed.map((finding) => ({ scanner, ...finding }));
    return [...findings, ...countFinding(scanner, file, [judged, count])];
  }

  #waives({ scanner, check, summary }: Finding): boolean {
    const index = scannerWaivers.findIndex(
      (waiver) =>
        waiver.scanner === scanner &&
        waiver.check === check &&
        (waiver.finding === undefined || waiver.finding === summary),
    );
    if (index >= 0) this.#used.add(index);
    return index >= 0;
  }
}

function inWords({ scanner, object, check, summary }: Finding): string {
  return `${scanner}: ${object}: ${check}: ${summary}`;
}

/** A skipped object would otherwise read as a valid one. */
function countFinding(scanner: string, file: string, count: readonly [number, number]): Finding[] {
  const [judged, given] = count;
  if (judged === given) return [];
  const summary = `judged ${String(judged)} of ${String(given)} objects`;
  return [{ scanner, object: file, check: 'count', summary }];
}

/** Standard output; these programs end with 1 when they found something. */
async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const options = { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...env } };
  return execFileAsync(program, args, options).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      const { stdout } = z.object({ stdout: z.string().min(1, String(error)) }).parse(error);
      return stdout;
    },
  );
}
