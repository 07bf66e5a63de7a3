import {
  type Canary,
  type CanaryReply,
  lateText,
  type RankAnswer,
  rankAnswerProblem,
} from '../../../health/index.ts';

/** What the reply to one data-parallel rank's question says of the rank. */
export function readRankAnswer(dataRank: number, reply: CanaryReply, canary: Canary): RankAnswer {
  switch (reply.kind) {
    case 'answered': {
      const { status, body } = reply;
      const detail = `answered ${status}`;
      if (status !== 200)
        return { dataRank, ended: status >= 500 ? 'failed' : 'not-asked', detail };
      const problem = rankAnswerProblem(canary, body);
      if (problem === undefined) return { dataRank, ended: 'answered', detail };
      return { dataRank, ended: 'wrong', detail: problem };
    }
    case 'timed-out':
      return {
        dataRank,
        ended: reply.stoodStill === true ? 'failed' : 'late',
        detail: lateText(reply),
      };
    case 'refused':
      return { dataRank, ended: 'failed', detail: reply.reason };
    case 'not-asked':
      return { dataRank, ended: 'not-asked', detail: reply.reason };
  }
}
