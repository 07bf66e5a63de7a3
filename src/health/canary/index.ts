export type {
  CanaryAnswer,
  CanaryCase,
  CanaryContext,
  CanaryRequest,
  Finding,
} from './canary-case.ts';
export { canaryCases } from './canary-cases.ts';
export { canaryContext } from './canary-context.ts';
export {
  type CanaryReply,
  type CaseEvidence,
  judgeCase,
  judgeUnasked,
  toCheck,
} from './judge-case.ts';
export { slowFirstTokenMs } from './quick-cases.ts';
export { chatPrompt, rankAnswerProblem, rankQuestion } from './rank-question.ts';
