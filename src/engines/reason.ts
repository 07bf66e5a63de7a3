/** Why something is refused: a named rule, the value it saw and the nearest thing that works. */
export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly source: string;
}

/** Something the reader of a plan must know though it stops nothing. */
export interface Note {
  readonly code: string;
  readonly level: 'info' | 'warning';
  readonly message: string;
  /** Set on a choice that nobody is known to have proven; the manifests then say it too. */
  readonly unverified?: true;
}
