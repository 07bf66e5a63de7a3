import { z } from 'zod';
import { type CanaryCase, type CanaryContext, type Finding, fail, pass } from './canary-case.ts';
import { type ChatAnswer, clip, parseCompletion, parseStream } from './chat-answer.ts';
import { question, streamed } from './questions.ts';
import { notChat } from './quick-cases.ts';

const toolName = 'get_weather';

/** The schema the model is given, and below the same one to check its arguments with. */
const tool = {
  type: 'function',
  function: {
    name: toolName,
    description: 'Returns the present weather of a city.',
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string', description: 'Name of the city, in English' },
        unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
      },
      required: ['city', 'unit'],
      additionalProperties: false,
    },
  },
} as const;

const weatherArguments = z.strictObject({
  city: z.string().min(1),
  unit: z.enum(['celsius', 'fahrenheit']),
});

const prompt = 'Call get_weather for the city Paris in celsius.';

function toolRequest(context: CanaryContext, extra: Readonly<Record<string, unknown>> = {}) {
  return question(prompt, context, {
    max_tokens: 256,
    tools: [tool],
    tool_choice: 'auto',
    ...extra,
  });
}

const skip = ({ abilities }: CanaryContext): string | undefined =>
  abilities.toolCalls ? undefined : 'the model calls no tools';

const toolCall: CanaryCase = {
  id: 'tool-call',
  impact: 'Requests with tools get no answer.',
  skip,
  requests: (context) => [toolRequest(context)],
  judge: ({ answers: [answer], context }) => {
    const reply = parseCompletion(answer?.body ?? '');
    return reply === undefined ? notChat(context.logsCommand) : judgeCall(reply, context);
  },
};

const toolCallStreamed: CanaryCase = {
  id: 'tool-call-stream',
  impact: 'Agents that stream get no answer.',
  skip,
  requests: (context) => [toolRequest(context, streamed)],
  judge: ({ answers: [answer], context }) => {
    const reply = answer === undefined ? undefined : parseStream(answer);
    return reply === undefined ? notChat(context.logsCommand) : judgeCall(reply, context);
  },
};

function judgeCall(
  { toolCalls, content, finishReason }: ChatAnswer,
  context: CanaryContext,
): Finding {
  const advice = `Check the tool parser: \`dsdeploy plan\` and \`${context.logsCommand}\`.`;
  const impact = 'Agents get text where they expect a tool call, and stop or show it to users.';
  const [call] = toolCalls;
  if (call === undefined) {
    const how = content.includes(toolName) ? 'came as plain text' : 'is missing';
    return fail(`the tool call ${how}: "${clip(content)}"`, { impact, advice });
  }
  const parsed = weatherArguments.safeParse(parseJson(call.arguments));
  if (call.name !== toolName || !parsed.success) {
    const detail = `called ${clip(call.name)} with ${clip(call.arguments)}, not valid under its schema`;
    return fail(detail, { impact: 'Agents fail on the arguments of tool calls.', advice });
  }
  if (!/paris/i.test(parsed.data.city) || parsed.data.unit !== 'celsius') {
    const detail = `called ${toolName} with ${clip(call.arguments)}, asked for Paris in celsius`;
    return fail(detail, { impact: 'Agents act on wrong arguments.', advice });
  }
  if (finishReason !== 'tool_calls') {
    return fail(`the tool call ended with finish_reason "${finishReason ?? 'none'}"`, {
      impact: 'Agents that look at finish_reason do not run the tool.',
      advice,
    });
  }
  return pass('the tool call has valid arguments');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not valid under any schema, which is what the caller reports.
    return undefined;
  }
}

export const toolCases: readonly CanaryCase[] = [toolCall, toolCallStreamed];
