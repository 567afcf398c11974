/** What a run tells while it goes on. */
export type Progress =
  | { readonly kind: 'waiting'; readonly owner: string }
  | { readonly kind: 'locked' }
  | {
      readonly kind: 'begin';
      readonly revision: string;
      readonly direction: 'up' | 'down';
      readonly at: number;
      readonly of: number;
    }
  | {
      readonly kind: 'part';
      readonly revision: string;
      readonly part: number;
      readonly of: number;
      readonly what: string;
    }
  | {
      readonly kind: 'done';
      readonly revision: string;
      readonly direction: 'up' | 'down';
      readonly milliseconds: number;
    };

export interface RunOptions {
  /** Objects that steps may drop or narrow: `users`, `users.email`. */
  readonly consent?: readonly string[];
  /** Revisions that may be applied although some that come after them are: `true` for any. */
  readonly outOfOrder?: boolean | readonly string[];
  /** How long to wait for another runner and for locks, in milliseconds: a minute unless told. */
  readonly wait?: number;
  /** What to do about a step that a run was cut off in, where nothing tells whether it was done. */
  readonly resume?: 'done' | 'again';
  /** Who runs, for those who wait. */
  readonly owner?: string;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}
