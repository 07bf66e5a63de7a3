import { z } from 'zod';

const causeSchema = z.looseObject({
  reason: z.string().nullish(),
  message: z.string().nullish(),
  field: z.string().nullish(),
});

const statusSchema = z.looseObject({
  kind: z.literal('Status'),
  message: z.string().nullish(),
  reason: z.string().nullish(),
  code: z.number().nullish(),
  details: z
    .looseObject({
      name: z.string().nullish(),
      kind: z.string().nullish(),
      causes: z.array(causeSchema).nullish(),
      retryAfterSeconds: z.number().nullish(),
    })
    .nullish(),
});

type StatusCause = z.infer<typeof causeSchema>;
type ApiStatus = z.infer<typeof statusSchema>;

/** An answer of the API server that is not a success, with its `Status` object where it sent one. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly httpStatus: number;
  readonly status: ApiStatus | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(httpStatus: number, body: string, retryAfter?: string) {
    const status = parseStatus(body);
    super(status?.message ?? plainMessage(httpStatus, body));
    this.httpStatus = httpStatus;
    this.status = status;
    this.retryAfterMs = retryAfterMs(retryAfter, status);
  }

  get reason(): string {
    return this.status?.reason ?? '';
  }

  get causes(): readonly StatusCause[] {
    return this.status?.details?.causes ?? [];
  }
}

/** An answer that is no Kubernetes answer: a login page, half a JSON, a redirect. */
export class BadReplyError extends Error {
  override readonly name = 'BadReplyError';
}

function parseStatus(body: string): ApiStatus | undefined {
  try {
    const parsed = statusSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Proxies and aggregated servers answer in plain text; the text is the message then.
    return undefined;
  }
}

function plainMessage(httpStatus: number, body: string): string {
  const text = body
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
  return text === '' ? `the server answered ${httpStatus}` : `${text} (HTTP ${httpStatus})`;
}

function retryAfterMs(header: string | undefined, status: ApiStatus | undefined) {
  const seconds = Number(header ?? status?.details?.retryAfterSeconds ?? Number.NaN);
  if (!Number.isNaN(seconds)) return seconds * 1000;
  const date = Date.parse(header ?? '');
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
