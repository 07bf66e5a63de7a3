export { findSignatures, signatures } from './find-signatures.ts';
export { firstCause, orderFindings } from './first-cause.ts';
export type {
  Finding,
  LogPhase,
  Signature,
  SignatureContext,
  SignatureWeight,
} from './signature.ts';
